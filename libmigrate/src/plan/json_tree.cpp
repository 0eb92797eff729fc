#include "plan/json_tree.hpp"

#include <algorithm>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <migrate/error.hpp>

#include "util/json_string.hpp"

namespace migrate::plan {
namespace {

constexpr std::size_t k_most_levels = 200;

/// Builds a tree of what the parser meets.
class Builder {
  public:
    using Ch = char;
    using Size = rapidjson::SizeType;

    explicit Builder(JsonTree& root) : m_root(root) {}

    bool Null() { return put(JsonTree::Kind::null, ""); }
    bool Bool(bool value) { return put(JsonTree::Kind::boolean, value ? "true" : "false"); }
    bool RawNumber(const Ch* text, Size size, bool /*copy*/) {
        return put(JsonTree::Kind::number, {text, size});
    }
    bool String(const Ch* text, Size size, bool /*copy*/) { return put(JsonTree::Kind::text, {text, size}); }
    bool Key(const Ch* text, Size size, bool /*copy*/) {
        m_name.assign(text, size);
        return true;
    }
    bool StartObject() { return open(JsonTree::Kind::object); }
    bool EndObject(Size /*members*/) { return close(); }
    bool StartArray() { return open(JsonTree::Kind::array); }
    bool EndArray(Size /*elements*/) { return close(); }
    // Numbers come as they are spelled.
    bool Int(int /*value*/) { return false; }
    bool Uint(unsigned /*value*/) { return false; }
    bool Int64(std::int64_t /*value*/) { return false; }
    bool Uint64(std::uint64_t /*value*/) { return false; }
    bool Double(double /*value*/) { return false; }

  private:
    JsonTree& next() {
        if (m_open.empty()) {
            return m_root;
        }
        return m_open.back()->children.emplace_back(JsonMember{std::move(m_name), {}}).value;
    }

    bool put(JsonTree::Kind kind, std::string_view text) {
        JsonTree& value = next();
        value.kind = kind;
        value.text = text;
        return true;
    }

    bool open(JsonTree::Kind kind) {
        JsonTree& value = next();
        value.kind = kind;
        m_open.push_back(&value);
        return m_open.size() <= k_most_levels;
    }

    bool close() {
        m_open.pop_back();
        return true;
    }

    JsonTree& m_root;
    std::vector<JsonTree*> m_open;  ///< From the outermost; only the last one grows, so that none moves.
    std::string m_name;
};

}  // namespace

const JsonTree* JsonTree::find(std::string_view name) const noexcept {
    const auto found =
        std::find_if(children.begin(), children.end(), [&](const auto& child) { return child.name == name; });
    return found == children.end() ? nullptr : &found->value;
}

JsonTree parse_json(std::string_view text) {
    JsonTree root;
    Builder builder(root);
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    constexpr unsigned k_flags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseValidateEncodingFlag;
    const auto result = reader.Parse<k_flags>(stream, builder);
    if (result.IsError()) {
        const bool deep = result.Code() == rapidjson::kParseErrorTermination;
        throw Error(ErrorCode::malformed,
                    "byte " + std::to_string(result.Offset() + 1) + ": " +
                        (deep ? "nested too deeply" : rapidjson::GetParseError_En(result.Code())));
    }
    return root;
}

void append_json(const JsonTree& tree, std::string& out) {
    switch (tree.kind) {
        case JsonTree::Kind::null:
            out += "null";
            return;
        case JsonTree::Kind::boolean:
        case JsonTree::Kind::number:
            out += tree.text;
            return;
        case JsonTree::Kind::text:
            util::append_json_string(tree.text, out);
            return;
        case JsonTree::Kind::array:
        case JsonTree::Kind::object:
            break;
    }
    const bool named = tree.kind == JsonTree::Kind::object;
    out += named ? '{' : '[';
    bool first = true;
    for (const auto& [name, child] : tree.children) {
        out += first ? "" : ",";
        first = false;
        if (named) {
            util::append_json_string(name, out);
            out += ':';
        }
        append_json(child, out);
    }
    out += named ? '}' : ']';
}

}  // namespace migrate::plan
