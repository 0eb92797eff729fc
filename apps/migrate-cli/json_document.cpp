#include "json_document.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "printable.hpp"

namespace migrate::cli {

struct JsonDocument::Impl {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer{buffer};
};

JsonDocument::JsonDocument(const std::string& command, int exit_code) : m_impl(std::make_unique<Impl>()) {
    m_impl->writer.SetIndent(' ', 2);
    m_impl->writer.StartObject();
    text("command", command);
    integer("exit_code", exit_code);
}

JsonDocument::~JsonDocument() = default;

void JsonDocument::key(std::string_view name) {
    if (!name.empty()) {
        m_impl->writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    }
}

void JsonDocument::begin_object(std::string_view name) {
    key(name);
    m_impl->writer.StartObject();
}

void JsonDocument::end_object() {
    m_impl->writer.EndObject();
}

void JsonDocument::begin_array(std::string_view name) {
    key(name);
    m_impl->writer.StartArray();
}

void JsonDocument::end_array() {
    m_impl->writer.EndArray();
}

void JsonDocument::text(std::string_view name, std::string_view value) {
    key(name);
    m_impl->writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void JsonDocument::number(std::string_view name, std::uint64_t value) {
    key(name);
    m_impl->writer.Uint64(value);
}

void JsonDocument::integer(std::string_view name, std::int64_t value) {
    key(name);
    m_impl->writer.Int64(value);
}

void JsonDocument::boolean(std::string_view name, bool value) {
    key(name);
    m_impl->writer.Bool(value);
}

void JsonDocument::null(std::string_view name) {
    key(name);
    m_impl->writer.Null();
}

void JsonDocument::milliseconds(std::string_view name, std::chrono::milliseconds value) {
    integer(name, value.count());
}

void JsonDocument::texts(std::string_view name, const std::vector<std::string>& values) {
    begin_array(name);
    for (const std::string& value : values) {
        text({}, value);
    }
    end_array();
}

std::string JsonDocument::finish() {
    m_impl->writer.EndObject();
    // Strings are written as they are: what a terminal must not see, and what is not UTF-8, is escaped here.
    return printable_json(std::string_view(m_impl->buffer.GetString(), m_impl->buffer.GetSize())) + "\n";
}

}  // namespace migrate::cli
