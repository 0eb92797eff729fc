#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <migrate/finding.hpp>

#include "backends/json/document.hpp"
#include "backends/json/document_options.hpp"

namespace migrate::backends::json {

/// How records stand in a part of a file.
enum class RecordKind : std::uint8_t {
    lines,     ///< One value a line.
    elements,  ///< The elements of an array.
    members,   ///< The values of an object's members; the member's name is the record's key.
    whole,     ///< One value.
    rest,      ///< One object, but for some of its members, which are collections of their own.
};

struct RecordSpec {
    RecordKind kind = RecordKind::whole;
    std::string path;
    std::string label;        ///< For the column _file.
    std::uint64_t begin = 0;  ///< Byte where the value, or the first line, begins.
    std::uint64_t end = std::numeric_limits<std::uint64_t>::max();  ///< Lines that begin before it.
    std::uint64_t line = 1;                                         ///< Of `begin`.
    /// lines: tells the line of `begin` in the place of `line`. Asked once there is a line to be named, as
    /// finding it takes reading.
    std::function<std::uint64_t()> find_line = {};
    std::set<std::string> skipped;      ///< rest: the members to leave out.
    std::uint64_t count = 0;            ///< Records; 0 while unknown (lines).
    std::optional<std::string> member;  ///< The root's member that holds the records.
    std::optional<std::string> after;   ///< The member before it; none if it is the first.
    bool has_byte_order_mark = false;   ///< Of the file.
};

/// A line that is not JSON.
struct BrokenLine {
    std::uint64_t line = 0;
    std::string reason;
    std::string text;
};

/// Records one after another. Not thread-safe.
class RecordStream {
  public:
    virtual ~RecordStream() = default;
    /// False at the end. Throws: Error{malformed}, but for a broken line, which is kept in broken() once and
    /// passed over.
    virtual bool next() = 0;

    /// The present record. Valid until: next().
    const Document& document() const { return m_document; }
    /// Where it begins in its file.
    std::uint64_t offset() const { return m_offset; }
    const std::string& key() const { return m_key; }
    /// The lines that were passed over since the last call.
    std::vector<BrokenLine> take_broken() { return std::move(m_broken); }

  protected:
    Document m_document;
    std::uint64_t m_offset = 0;
    std::string m_key;
    std::vector<BrokenLine> m_broken;
};

/// What is said of lines of a file that are not JSON; of many only the first is looked at.
Finding broken_lines(const std::string& path, std::uint64_t count, const std::string& first_reason);

std::unique_ptr<RecordStream> open_records(const RecordSpec& spec, const DocumentOptions& options);

TokenizerOptions tokenizer_options(const DocumentOptions& options);
/// The same for any number of values: what follows a value is looked at by whoever reads on.
TokenizerOptions sequence_options(const DocumentOptions& options);

}  // namespace migrate::backends::json
