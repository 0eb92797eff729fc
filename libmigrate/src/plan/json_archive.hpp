#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <migrate/error.hpp>

/// One description of a structure's fields serves writing and reading: a function `fields(archive, value)`
/// beside the structure calls archive.field("name", value.member) for each. Empty strings, lists and
/// optionals are not written; a field that is missing on reading keeps its default.
namespace migrate::plan {

class JsonWriter {
  public:
    static constexpr bool k_reading = false;

    template <class T>
    void field(const char* name, const T& value) {
        if (is_empty(value)) {
            return;
        }
        m_writer.Key(name);
        write(value);
    }

    template <class T>
    std::string document(const T& value) {
        write(value);
        return {m_buffer.GetString(), m_buffer.GetSize()};
    }

  private:
    template <class T>
    static bool is_empty(const T& value) {
        if constexpr (requires { value.empty(); }) {
            return value.empty();
        } else if constexpr (requires { value.has_value(); }) {
            return !value.has_value();
        } else {
            return false;
        }
    }

    void write(const std::string& value) {
        m_writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    void write(bool value) { m_writer.Bool(value); }
    template <class T>
    void write(const T& value) {
        if constexpr (std::is_enum_v<T>) {
            write(std::string(spelling_of(value)));
        } else if constexpr (std::is_unsigned_v<T>) {
            m_writer.Uint64(value);
        } else if constexpr (std::is_integral_v<T>) {
            m_writer.Int64(value);
        } else {
            m_writer.StartObject();
            fields(*this, const_cast<T&>(value));  // NOLINT: the same description reads and writes
            m_writer.EndObject();
        }
    }
    template <class T>
    void write(const std::optional<T>& value) {
        write(*value);
    }
    template <class T>
    void write(const std::shared_ptr<const T>& value) {
        write(*value);
    }
    template <class T>
    void write(const std::vector<T>& values) {
        m_writer.StartArray();
        for (const T& value : values) {
            write(value);
        }
        m_writer.EndArray();
    }
    void write(const std::map<std::string, std::string>& values) {
        m_writer.StartObject();
        for (const auto& [key, value] : values) {
            m_writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
            write(value);
        }
        m_writer.EndObject();
    }

    rapidjson::StringBuffer m_buffer;
    rapidjson::Writer<rapidjson::StringBuffer> m_writer{m_buffer};
};

/// Reads what JsonWriter wrote. Throws: Error{malformed} naming the field for a value of the wrong kind.
class JsonReader {
  public:
    static constexpr bool k_reading = true;

    explicit JsonReader(const rapidjson::Value& object) : m_object(object) {}

    template <class T>
    void field(const char* name, T& value) {
        const auto it = m_object.FindMember(name);
        if (it != m_object.MemberEnd()) {
            read(name, it->value, value);
        }
    }

    template <class T>
    static void read(const char* name, const rapidjson::Value& json, T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            require(json.IsBool(), name, "true or false");
            value = json.GetBool();
        } else if constexpr (std::is_enum_v<T>) {
            require(json.IsString(), name, "a word");
            require(parse_spelling(std::string_view(json.GetString(), json.GetStringLength()), value), name,
                    "a known word");
        } else if constexpr (std::is_unsigned_v<T>) {
            require(json.IsUint64(), name, "a number");
            value = static_cast<T>(json.GetUint64());
        } else if constexpr (std::is_integral_v<T>) {
            require(json.IsInt64(), name, "a number");
            value = static_cast<T>(json.GetInt64());
        } else {
            require(json.IsObject(), name, "an object");
            JsonReader inner(json);
            fields(inner, value);
        }
    }
    static void read(const char* name, const rapidjson::Value& json, std::string& value) {
        require(json.IsString(), name, "a string");
        value.assign(json.GetString(), json.GetStringLength());
    }
    template <class T>
    static void read(const char* name, const rapidjson::Value& json, std::optional<T>& value) {
        read(name, json, value.emplace());
    }
    template <class T>
    static void read(const char* name, const rapidjson::Value& json, std::shared_ptr<const T>& value) {
        auto made = std::make_shared<T>();
        read(name, json, *made);
        value = std::move(made);
    }
    template <class T>
    static void read(const char* name, const rapidjson::Value& json, std::vector<T>& values) {
        require(json.IsArray(), name, "a list");
        values.clear();
        values.reserve(json.Size());
        for (const auto& element : json.GetArray()) {
            read(name, element, values.emplace_back());
        }
    }
    static void read(const char* name, const rapidjson::Value& json,
                     std::map<std::string, std::string>& values) {
        require(json.IsObject(), name, "an object");
        values.clear();
        for (const auto& member : json.GetObject()) {
            std::string& value = values[{member.name.GetString(), member.name.GetStringLength()}];
            read(name, member.value, value);
        }
    }

  private:
    static void require(bool holds, const char* name, const char* kind) {
        if (!holds) {
            throw Error(ErrorCode::malformed, std::string("field \"") + name + "\" is not " + kind);
        }
    }

    const rapidjson::Value& m_object;
};

/// Parses a document whose root must be an object. Throws: Error{malformed} with the byte offset.
void parse_object(const std::string& json, const char* what, rapidjson::Document& document);

}  // namespace migrate::plan
