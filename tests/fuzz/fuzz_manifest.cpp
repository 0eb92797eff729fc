#include <string>

#include "backends/json/layout.hpp"
#include "backends/json/manifest_source.hpp"
#include "fuzz/fuzz_input.hpp"
#include "fuzz/temporary_input.hpp"

using namespace migrate;
using namespace migrate::backends::json;

namespace {

void check_manifest(std::string_view text) {
    Manifest manifest;
    if (fuzz::accepts([&] { manifest = parse_manifest(text, "input"); })) {
        const std::string rendered = render_manifest(manifest);
        fuzz::require(render_manifest(parse_manifest(rendered, "input")) == rendered,
                      "a manifest that was written is read as it was");
    }
}

// Rows under a manifest that may say anything of them.
void check_database(const std::string& path) {
    if (detect_layout(path) != Layout::file) {
        return;
    }
    fuzz::accepts([&] {
        ManifestSource source(path, Layout::file);
        source.pin_snapshot(1);
        const backend::SchemaReading reading = source.read_schema({});
        for (const Table& table : reading.schema.tables) {
            ScanSpec spec;
            spec.table = &table;
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                spec.columns.push_back(i);
            }
            const auto reader = source.open_reader(spec);
            RowBatch batch;
            while (reader->next(batch)) {
            }
            source.count_rows(table);
        }
    });
}

}  // namespace

// The first byte says whether the rest is a manifest alone or a database in one file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::TemporaryInput file(".json");
    fuzz::Input input(data, size);
    if (input.byte() % 2 == 0) {
        check_manifest(input.rest());
    } else {
        check_database(file.write(input.rest()));
    }
    return 0;
}
