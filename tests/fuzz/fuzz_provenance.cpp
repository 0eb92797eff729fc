#include <string>

#include "backend/kept_code.hpp"
#include "fuzz/fuzz_input.hpp"
#include "plan/provenance.hpp"

using namespace migrate;

namespace {

// What a record says of a database's past is given to its tables, and recorded again.
void check_provenance(const std::string& text) {
    plan::Provenance provenance;
    if (!fuzz::accepts([&] { provenance = plan::parse_provenance(text); })) {
        return;
    }
    plan::hints_of(provenance);
    Schema schema = provenance.written;
    schema.origins.clear();
    plan::attach_origins(provenance, schema);
    for (const backend::KeptObject& kept : backend::kept_of_others(schema, schema.engine)) {
        fuzz::require(!kept.object->native_sql.empty(), "what is kept has a definition");
    }
    // A target that keeps definitions, and one that does not.
    provenance.written.properties.erase(backend::k_keeps_code);
    for (int round = 0; round < 2; ++round) {
        const std::string again =
            plan::make_provenance("0123456789ab", mapping::map_schema({}, schema), provenance.written);
        fuzz::accepts([&] { plan::parse_provenance(again); });
        provenance.written.properties[backend::k_keeps_code] = "yes";
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_provenance(std::string(fuzz::Input(data, size).rest()));
    return 0;
}
