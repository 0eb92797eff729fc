#include <string>
#include <string_view>

#include "backup/manifest.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace migrate;

namespace {

/// The text as a manifest whose digest fits it, as whoever writes into a directory of backups can make it.
std::string sealed(std::string_view body) {
    return std::string(body) + ",\"seal\":\"" + backup::keyed_digest(body, nullptr) + "\"}\n";
}

// What is read of a manifest stays within the backup, and is the same when it is written and read again.
void check_manifest(const std::string& text) {
    backup::Manifest manifest;
    if (!fuzz::accepts([&] { manifest = backup::parse_manifest(text); })) {
        return;
    }
    for (const backup::FileRecord& record : manifest.files) {
        const std::string name = "/" + backup::decode_name(record.name) + "/";
        const std::string file = "/" + record.file + "/";
        for (const char* way_out : {"//", "/./", "/../"}) {
            fuzz::require(name.find(way_out) == std::string::npos && file.find(way_out) == std::string::npos,
                          "a manifest leads out of its backup");
        }
    }
    const std::string written = backup::manifest_text(manifest, nullptr);
    const std::string again = backup::manifest_text(backup::parse_manifest(written), nullptr);
    fuzz::require(again == written, "a manifest is another one when it is read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::Input(data, size).rest();
    check_manifest(std::string(text));
    check_manifest(sealed(text));
    return 0;
}
