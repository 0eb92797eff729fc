#include <string>

#include "backends/json/document_source.hpp"
#include "fuzz/fuzz_input.hpp"
#include "fuzz/temporary_input.hpp"
#include "model/canonical.hpp"

using namespace migrate;
using namespace migrate::backends::json;

namespace {

Endpoint endpoint_of(const std::string& path, std::uint8_t flags) {
    Endpoint endpoint;
    endpoint.engine = "json";
    endpoint.location = path;
    endpoint.options["duplicate-keys"] = (flags & 1U) != 0 ? "keep" : "refuse";
    endpoint.options["nested"] = (flags & 2U) != 0 ? "json" : "normalize";
    endpoint.options["format"] = (flags & 4U) != 0 ? "ndjson" : "json";
    endpoint.options["keyed"] = (flags & 8U) != 0 ? "true" : "false";
    endpoint.options["max-columns"] = (flags & 16U) != 0 ? "8" : "400";
    endpoint.options["max-nesting"] = (flags & 32U) != 0 ? "2" : "8";
    if ((flags & 64U) != 0) {
        endpoint.options["key"] = "k";
    }
    return endpoint;
}

// Every table has a name and columns of its own, its rows can be read, and they are as many as are counted.
void read_all(DocumentSource& source) {
    source.pin_snapshot(1);
    const backend::SchemaReading reading = source.read_schema({});
    for (const Table& table : reading.schema.tables) {
        fuzz::require(&table == reading.schema.find_table(table.name), "no two tables have one name");
        ScanSpec spec;
        spec.table = &table;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            fuzz::require(&table.columns[i] == table.find_column(table.columns[i].name),
                          "no two columns have one name");
            spec.columns.push_back(i);
        }
        RowBatch batch;
        std::uint64_t rows = 0;
        std::uint64_t rejects = 0;
        Digest digest;
        const auto reader = source.open_reader(spec);
        while (reader->next(batch)) {
            rows += batch.row_count();
            rejects += batch.rows_read() - batch.row_count();
            model::digest_rows(batch, digest);
        }
        rejects += batch.rows_read();
        fuzz::require(source.count_rows(table) == rows + rejects,
                      "rows read, bad ones too, are rows counted");
        fuzz::require(!table.row_count_exact || table.row_estimate == rows, "rows read are rows profiled");
    }
}

}  // namespace

// A byte of options, then a file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::TemporaryInput file(".json");
    fuzz::Input input(data, size);
    const std::uint8_t flags = input.byte();
    const std::string& path = file.write(input.rest());
    fuzz::accepts([&] {
        DocumentSource source(endpoint_of(path, flags), {});
        read_all(source);
    });
    return 0;
}
