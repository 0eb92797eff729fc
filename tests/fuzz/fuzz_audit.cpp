#include <string>

#include "audit/record_line.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace migrate;

namespace {

// What is read as a record is what would be written of it, so that its hash can be checked.
void check_line(std::string_view line) {
    auto record = audit::parse_line(line);
    if (!record) {
        return;
    }
    AuditRecord copy = *record;
    const std::string again = audit::render_line(copy, audit::Sealer());
    const auto read = audit::parse_line(std::string_view(again).substr(0, again.size() - 1));
    fuzz::require(read.has_value(), "what was written is read");
    fuzz::require(read->detail == record->detail && read->sequence == record->sequence,
                  "what is read is what was written");
    fuzz::require(audit::sealed_part(line).size() < line.size(), "the hash is not of itself");
}

// Any text can be told in a trail.
void check_text(std::string_view text) {
    AuditRecord record;
    record.detail = text;
    record.migration = text;
    record.from = text;
    record.previous = audit::k_no_hash;
    audit::make_fit(record);
    const std::string line = audit::render_line(record, audit::Sealer());
    fuzz::require(line.size() < audit::k_longest_line, "no line is too long");
    fuzz::require(line.find('\n') == line.size() - 1, "a record is one line");
    fuzz::require(audit::parse_line(std::string_view(line).substr(0, line.size() - 1)).has_value(),
                  "what was written is read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::Input(data, size).rest();
    check_line(text);
    check_text(text);
    return 0;
}
