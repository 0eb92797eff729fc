#include <algorithm>
#include <charconv>
#include <string_view>

#include <migrate/dead_letter.hpp>
#include <migrate/error.hpp>

#include "plan/json_tree.hpp"
#include "util/json_string.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

constexpr const char* k_next_step =
    "Mend the file: dead-letters export shows what a letter looks like, and only its row may be changed.";

[[noreturn]] void fail(const std::string& place, const std::string& what, std::uint64_t row) {
    ErrorFacts facts;
    facts.code = ErrorCode::malformed;
    facts.row = row;
    facts.next_step = k_next_step;
    throw Error(std::move(facts), "the dead letter " + place + " cannot be read: " + what);
}

/// The letters of a file, one after the other, each with its place in it.
class LetterReader {
  public:
    void read(const plan::JsonTree& tree, const std::string& place, std::uint64_t row) {
        m_place = place;
        m_row = row;
        if (tree.kind != plan::JsonTree::Kind::object) {
            refuse("it is no object");
        }
        DeadLetter letter;
        letter.table = text(tree, "table", true);
        letter.chunk = number<std::int64_t>(tree, "chunk");
        letter.ordinal = number<std::uint64_t>(tree, "ordinal");
        letter.key = text(tree, "key", false);
        letter.column = text(tree, "column", false);
        letter.reason = text(tree, "reason", false);
        const plan::JsonTree* kept = tree.find("kept");
        letter.kept = kept != nullptr && kept->text == "true";
        plan::append_json(member(tree, "row"), letter.row);
        letters.push_back(std::move(letter));
    }

    std::vector<DeadLetter> letters;

  private:
    [[noreturn]] void refuse(const std::string& what) const { fail(m_place, what, m_row); }

    [[nodiscard]] const plan::JsonTree& member(const plan::JsonTree& tree, const char* name) const {
        const plan::JsonTree* found = tree.find(name);
        if (found == nullptr) {
            refuse(std::string("it has no \"") + name + "\"");
        }
        return *found;
    }

    [[nodiscard]] std::string text(const plan::JsonTree& tree, const char* name, bool needed) const {
        const plan::JsonTree* found = needed ? &member(tree, name) : tree.find(name);
        if (found != nullptr && found->kind != plan::JsonTree::Kind::text) {
            refuse(std::string("its \"") + name + "\" is no string");
        }
        return found == nullptr ? std::string() : found->text;
    }

    template <class T>
    [[nodiscard]] T number(const plan::JsonTree& tree, const char* name) const {
        const plan::JsonTree& found = member(tree, name);
        T value = 0;
        const char* end = found.text.data() + found.text.size();
        const auto read = std::from_chars(found.text.data(), end, value);
        if (found.kind != plan::JsonTree::Kind::number || read.ec != std::errc() || read.ptr != end) {
            refuse(std::string("its \"") + name + "\" is no whole number");
        }
        return value;
    }

    std::string m_place;
    std::uint64_t m_row = 0;
};

plan::JsonTree parse(std::string_view text, const std::string& place, std::uint64_t row) {
    try {
        return plan::parse_json(text);
    } catch (const Error& error) {
        fail(place, error.what(), row);
    }
}

void read_lines(std::string_view text, LetterReader& reader) {
    std::uint64_t line = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++line;
        if (one.find_first_not_of(" \t\r") != std::string_view::npos) {
            const std::string place = "in line " + std::to_string(line);
            reader.read(parse(one, place, line), place, line);
        }
    }
}

void append_member(const char* name, const std::string& value, std::string& out) {
    out.append(",\"").append(name).append("\":");
    util::append_json_string(value, out);
}

}  // namespace

std::string render_json(const DeadLetter& letter) {
    std::string out = "{\"table\":";
    util::append_json_string(letter.table, out);
    out += ",\"chunk\":" + std::to_string(letter.chunk) + ",\"ordinal\":" + std::to_string(letter.ordinal);
    append_member("key", letter.key, out);
    append_member("column", letter.column, out);
    append_member("reason", letter.reason, out);
    out.append(",\"kept\":").append(letter.kept ? "true" : "false").append(",\"row\":");
    std::string row = letter.row.empty() ? "null" : letter.row;
    // A row that was printed over several lines: within its strings JSON has them escaped.
    std::replace_if(
        row.begin(), row.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return out + row + "}";
}

std::vector<DeadLetter> parse_dead_letters(const std::string& text) {
    LetterReader reader;
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos || text[begin] != '[') {
        read_lines(text, reader);
        return std::move(reader.letters);
    }
    const plan::JsonTree all = parse(text, "list", 0);
    std::uint64_t number = 0;
    for (const auto& [name, tree] : all.children) {
        ++number;
        reader.read(tree, "number " + std::to_string(number), number);
    }
    return std::move(reader.letters);
}

MIGRATE_NAMESPACE_END
