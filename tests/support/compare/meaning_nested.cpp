#include <algorithm>
#include <cstring>

#include <rapidjson/document.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "support/compare/meaning.hpp"

namespace migrate::test {
namespace {

using Kind = Value::Kind;

/// Writes what it is given, without blanks and with numbers as they were spelled.
class CompactHandler : public rapidjson::Writer<rapidjson::StringBuffer> {
  public:
    using Base = rapidjson::Writer<rapidjson::StringBuffer>;
    using Base::Base;
    bool String(const char* text, rapidjson::SizeType size, bool copy) {
        const std::string_view string(text, size);
        if (!string.starts_with(k_number_mark)) {
            return Base::String(text, size, copy);
        }
        const std::string_view number = string.substr(k_number_mark.size());
        return RawValue(number.data(), number.size(), rapidjson::kNumberType);
    }
};

template <typename Handler>
bool read_json(const std::string& text, Handler& handler) {
    const std::string marked = with_marked_numbers(text);
    rapidjson::StringStream stream(marked.c_str());
    rapidjson::Reader reader;
    return !reader.Parse(stream, handler).IsError() && std::strlen(text.c_str()) == text.size();
}

std::string compact(const std::string& text) {
    rapidjson::StringBuffer buffer;
    CompactHandler handler(buffer);
    return read_json(text, handler) ? std::string(buffer.GetString(), buffer.GetSize()) : text;
}

std::string quoted(const std::string& text) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return {buffer.GetString(), buffer.GetSize()};
}

std::string element(const std::string& text) {
    return std::to_string(text.size()) + ":" + text + ",";
}

/// A JSON array, bare or with its lower bounds, as brackets around elements with their lengths.
class ArrayHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ArrayHandler> {
  public:
    explicit ArrayHandler(bool booleans) : m_booleans(booleans) {}

    bool Null() { return put("N,"); }
    bool Bool(bool value) {
        return put(m_booleans ? element(value ? "t" : "f") : element(value ? "true" : "false"));
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        std::string_view string(text, size);
        string.remove_prefix(string.starts_with(k_number_mark) ? k_number_mark.size() : 0);
        return put(element(std::string(string)));
    }
    bool StartObject() { return out.empty(); }
    bool Key(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) { return true; }
    bool EndObject(rapidjson::SizeType /*count*/) { return true; }
    bool StartArray() { return put("["); }
    bool EndArray(rapidjson::SizeType /*count*/) { return put("]"); }

    std::string out;

  private:
    bool put(const std::string& part) {
        out += part;
        return true;
    }
    bool m_booleans;
};

/// PostgreSQL's array literal in the same form.
std::string literal_meaning(const std::string& text) {
    std::string out;
    std::size_t at = 0;
    if (text.starts_with('[')) {
        out = "[";
        while (at < text.size() && text[at] == '[') {
            const std::size_t colon = text.find(':', at);
            out += element(text.substr(at + 1, colon - at - 1));
            at = text.find(']', at) + 1;
        }
        out += "]";
        ++at;
    }
    while (at < text.size()) {
        const char c = text[at];
        if (c == '{' || c == '}') {
            out += c == '{' ? '[' : ']';
            ++at;
        } else if (c == ',') {
            ++at;
        } else if (c == '"') {
            std::string value;
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                at += text[at] == '\\' ? 1U : 0U;
                value += text[at];
            }
            ++at;
            out += element(value);
        } else {
            const std::size_t end = text.find_first_of(",}", at);
            const std::string value = text.substr(at, end - at);
            out += value == "NULL" ? "N," : element(value);
            at = end;
        }
    }
    return out;
}

}  // namespace

std::string with_marked_numbers(std::string_view json) {
    std::string out;
    for (std::size_t at = 0; at < json.size();) {
        const char c = json[at];
        std::size_t end = at + 1;
        if (c == '"') {
            while (end < json.size() && json[end] != '"') {
                end += json[end] == '\\' ? 2U : 1U;
            }
            end = std::min(end + 1, json.size());
            out += json.substr(at, end - at);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            end = std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
            out += '"';
            out += k_number_mark;
            out += json.substr(at, end - at);
            out += '"';
        } else {
            out += c;
        }
        at = end;
    }
    return out;
}

std::string array_meaning(const Value& value, bool booleans) {
    if (value.kind != Kind::server) {
        ArrayHandler handler(booleans);
        if (read_json(value.text, handler)) {
            return handler.out;
        }
    }
    return literal_meaning(value.text);
}

std::string json_meaning(const Value& value) {
    if (value.kind == Kind::real && value.text.find_first_of(".en") == std::string::npos) {
        return value.text + ".0";
    }
    return value.kind == Kind::string ? quoted(value.text) : compact(value.text);
}

Value unwrap(const Value& value) {
    if (value.kind != Kind::structure || !value.text.starts_with("{\"$")) {
        return value;
    }
    rapidjson::Document document;
    document.Parse(value.text.c_str(), value.text.size());
    if (document.HasParseError() || document.MemberCount() != 1 ||
        !document.MemberBegin()->value.IsString()) {
        return value;
    }
    const std::string name = document.MemberBegin()->name.GetString();
    const auto& inner = document.MemberBegin()->value;
    const std::string text(inner.GetString(), inner.GetStringLength());
    if (name == "$real") {
        return {Kind::real, text};
    }
    if (name == "$int") {
        return {Kind::integer, text};
    }
    if (name == "$json") {
        return {Kind::text, text};
    }
    if (name == "$blob" || name == "$bytes" || name == "$text") {
        return {name == "$blob" ? Kind::blob : Kind::text, decode_base64(text)};
    }
    return value;
}

Value variant_of_json(const Value& value) {
    if (value.kind != Kind::server) {
        return value;
    }
    if (value.text.starts_with('{')) {
        return unwrap({Kind::structure, value.text});
    }
    if (!value.text.starts_with('"')) {
        return {Kind::number, value.text};
    }
    rapidjson::Document document;
    document.Parse(value.text.c_str(), value.text.size());
    if (document.HasParseError() || !document.IsString()) {
        return value;
    }
    return {Kind::text, {document.GetString(), document.GetStringLength()}};
}

}  // namespace migrate::test
