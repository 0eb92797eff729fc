#include "backends/json/dead_letter_file.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <migrate/error.hpp>

#include "backends/json/file_source.hpp"
#include "backends/json/member_reader.hpp"
#include "io/directory.hpp"
#include "util/json_string.hpp"

namespace migrate::backends::json {
namespace {

class LetterReader : private MemberReader {
  public:
    using MemberReader::MemberReader;

    DeadLetter read() const {
        const Index root = Document::k_root;
        DeadLetter letter;
        letter.table = text(root, "table");
        letter.chunk = number(root, "chunk").value_or(0);
        letter.ordinal = static_cast<std::uint64_t>(number(root, "ordinal").value_or(0));
        letter.key = text(root, "key");
        letter.column = text(root, "column");
        letter.reason = text(root, "reason");
        letter.row = text(root, "row");
        letter.kept = number(root, "kept").value_or(0) != 0;
        return letter;
    }
};

/// Null where there is none, or no more since it was looked for.
std::unique_ptr<FileSource> open_letters(const std::string& path) {
    if (io::kind_of(path) != io::PathKind::file) {
        return nullptr;
    }
    try {
        return std::make_unique<FileSource>(path);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found) {
            throw;
        }
        return nullptr;
    }
}

}  // namespace

void append_dead_letter(const DeadLetter& letter, std::string& out) {
    const auto member = [&out](std::string_view name, std::string_view value) {
        out.append(name);
        util::append_json_string(value, out);
    };
    member("{\"table\":", letter.table);
    out += ",\"chunk\":" + std::to_string(letter.chunk);
    out += ",\"ordinal\":" + std::to_string(letter.ordinal);
    member(",\"key\":", letter.key);
    member(",\"column\":", letter.column);
    member(",\"reason\":", letter.reason);
    member(",\"row\":", letter.row);
    out += letter.kept ? ",\"kept\":1}\n" : "}\n";
}

DeadLetter parse_dead_letter(std::string_view line) {
    ViewSource source(line);
    TokenizerOptions options;
    options.block_bytes = std::size_t{1} << 14U;
    Tokenizer tokenizer(source, "a dead letter", options);
    Document document;
    document.read(tokenizer, tokenizer.next());
    return LetterReader(document, "a dead letter").read();
}

bool read_dead_letters(const std::string& path, const std::function<void(const DeadLetter&)>& take) {
    std::unique_ptr<FileSource> source = open_letters(path);
    if (!source) {
        return false;
    }
    TokenizerOptions options;
    options.sequence = true;
    Tokenizer tokenizer(*source, path, options);
    Document document;
    for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
        document.read(tokenizer, token);
        take(LetterReader(document, path).read());
    }
    return true;
}

}  // namespace migrate::backends::json
