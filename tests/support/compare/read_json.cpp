#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "support/compare/database_reader.hpp"
#include "support/compare/meaning.hpp"

namespace migrate::test {
namespace {

using Json = rapidjson::Value;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

void parse(rapidjson::Document& document, std::string_view text, const std::string& where) {
    constexpr unsigned flags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseFullPrecisionFlag;
    document.Parse<flags>(text.data(), text.size());
    if (document.HasParseError()) {
        throw std::runtime_error(where + ": not JSON at byte " + std::to_string(document.GetErrorOffset()));
    }
}

std::string text_of(const Json& value) {
    return {value.GetString(), value.GetStringLength()};
}

std::string member_text(const Json& object, const char* name) {
    const auto member = object.FindMember(name);
    return member == object.MemberEnd() || !member->value.IsString() ? "" : text_of(member->value);
}

std::vector<std::string> member_texts(const Json& object, const char* name) {
    std::vector<std::string> texts;
    if (const auto member = object.FindMember(name);
        member != object.MemberEnd() && member->value.IsArray()) {
        for (const Json& item : member->value.GetArray()) {
            texts.push_back(text_of(item));
        }
    }
    return texts;
}

std::string spelled(const Json& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

/// The name in PostgreSQL of the type that a manifest names.
std::string type_name(const Json& type) {
    static const std::map<std::string, std::string> names = {
        {"boolean", "bool"},     {"int16", "int2"},
        {"int32", "int4"},       {"int64", "int8"},
        {"float32", "float4"},   {"float64", "float8"},
        {"decimal", "numeric"},  {"bytes", "bytea"},
        {"time_tz", "timetz"},   {"timestamp_tz", "timestamptz"},
        {"bit_string", "varbit"}};
    const std::string kind = member_text(type, "kind");
    if (kind == "array" && type.HasMember("element")) {
        return "_" + type_name(type["element"]);
    }
    const auto found = names.find(kind);
    return found == names.end() ? kind : found->second;
}

/// Puts the members of one object into a row. A handler of its own, because a parsed document with numbers
/// kept as text no longer tells them from strings.
class RowHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, RowHandler> {
  public:
    explicit RowHandler(Row& row, std::map<std::string, std::size_t>& places)
        : m_row(row), m_places(places) {}

    bool Null() { return put({}); }
    bool Bool(bool value) { return put({Value::Kind::boolean, value ? "true" : "false"}); }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        const std::string_view string(text, size);
        if (string.starts_with(k_number_mark)) {
            return put({Value::Kind::number, std::string(string.substr(k_number_mark.size()))});
        }
        return put({Value::Kind::string, std::string(string)});
    }
    bool StartObject() {
        ++m_depth;
        return m_depth == 1 || m_writer.StartObject();
    }
    bool Key(const char* text, rapidjson::SizeType size, bool copy) {
        if (m_depth == 1) {
            m_key.assign(text, size);
            return true;
        }
        return m_writer.Key(text, size, copy);
    }
    bool EndObject(rapidjson::SizeType count) {
        --m_depth;
        return m_depth == 0 || (m_writer.EndObject(count) && finish());
    }
    bool StartArray() {
        ++m_depth;
        return m_writer.StartArray();
    }
    bool EndArray(rapidjson::SizeType count) {
        --m_depth;
        return m_writer.EndArray(count) && finish();
    }

  private:
    bool put(Value value) {
        if (m_depth == 1) {
            return place(std::move(value));
        }
        switch (value.kind) {
            case Value::Kind::null:
                return m_writer.Null();
            case Value::Kind::boolean:
                return m_writer.Bool(value.text == "true");
            case Value::Kind::number:
                return m_writer.RawValue(value.text.data(), value.text.size(), rapidjson::kNumberType);
            default:
                return m_writer.String(value.text.data(),
                                       static_cast<rapidjson::SizeType>(value.text.size()));
        }
    }

    bool finish() {
        if (m_depth != 1) {
            return true;
        }
        Value value{Value::Kind::structure, {m_buffer.GetString(), m_buffer.GetSize()}};
        m_buffer.Clear();
        m_writer.Reset(m_buffer);
        return place(std::move(value));
    }

    bool place(Value value) {
        const auto found = m_places.find(m_key);
        if (found == m_places.end()) {
            return false;
        }
        m_row[found->second] = std::move(value);
        return true;
    }

    Row& m_row;
    std::map<std::string, std::size_t>& m_places;
    std::string m_key;
    int m_depth = 0;
    rapidjson::StringBuffer m_buffer;
    rapidjson::Writer<rapidjson::StringBuffer> m_writer{m_buffer};
};

class JsonReader : public DatabaseReader {
  public:
    explicit JsonReader(const std::string& path) : m_path(path) {
        const bool directory = std::filesystem::is_directory(m_path);
        const std::filesystem::path file = directory ? m_path / "manifest.json" : m_path;
        parse(m_document, read_file(file), file.string());
        const Json& manifest = directory ? m_document : m_document["manifest"];
        m_file_tables = directory ? nullptr : &m_document["tables"];
        if (const auto tables = manifest.FindMember("tables"); tables != manifest.MemberEnd()) {
            for (const Json& table : tables->value.GetArray()) {
                read_table(table);
            }
        }
    }

    [[nodiscard]] std::string engine() const override { return "json"; }
    [[nodiscard]] const std::vector<ComparedTable>& tables() const override { return m_tables; }
    [[nodiscard]] const std::map<std::string, std::string>& facts() const override { return m_facts; }

    std::vector<Row> rows(const ComparedTable& table) override {
        std::map<std::string, std::size_t> places;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            places[table.columns[i].name] = i;
        }
        const std::string& file = m_files[table.display()];
        std::vector<Row> rows;
        const auto add = [&](const std::string& text) {
            Row& row = rows.emplace_back(table.columns.size());
            RowHandler handler(row, places);
            const std::string marked = with_marked_numbers(text);
            rapidjson::StringStream stream(marked.c_str());
            rapidjson::Reader reader;
            if (!reader.Parse(stream, handler)) {
                throw std::runtime_error(file + ": row " + std::to_string(rows.size()) +
                                         " is not an object of the table's columns");
            }
        };
        if (m_file_tables != nullptr) {
            read_rows_of_file(file, add);
            return rows;
        }
        std::istringstream lines(read_file(m_path / file));
        for (std::string line; std::getline(lines, line);) {
            add(line);
        }
        return rows;
    }

  private:
    /// In the one-file layout rows are taken from the text once more, by hand, since the parsed document no
    /// longer tells numbers from strings.
    template <typename Add>
    void read_rows_of_file(const std::string& member, const Add& add) {
        const std::string text = read_file(m_path);
        const std::size_t tables =
            text.find("\"tables\"", skip_value(text, text.find('{', text.find("\"manifest\""))));
        std::size_t at = text.find('{', tables) + 1;
        for (;;) {
            const std::size_t name = text.find('"', at);
            const std::size_t name_end = skip_string(text, name);
            rapidjson::Document key;
            key.Parse(text.data() + name, name_end - name);
            std::size_t rows = text.find('[', name_end);
            if (name == std::string::npos || rows == std::string::npos) {
                throw std::runtime_error("no table " + member + " in " + m_path.string());
            }
            if (text_of(key) != member) {
                at = skip_value(text, rows);
                continue;
            }
            for (++rows;;) {
                rows = text.find_first_of("{]", rows);
                if (text[rows] == ']') {
                    return;
                }
                const std::size_t end = skip_value(text, rows);
                add(text.substr(rows, end - rows));
                rows = end;
            }
        }
    }

    static std::size_t skip_string(const std::string& text, std::size_t at) {
        for (++at; at < text.size() && text[at] != '"'; ++at) {
            at += text[at] == '\\' ? 1U : 0U;
        }
        return at + 1;
    }

    /// Past the object or array that begins at `at`.
    static std::size_t skip_value(const std::string& text, std::size_t at) {
        int depth = 0;
        while (at < text.size()) {
            const char c = text[at];
            if (c == '"') {
                at = skip_string(text, at);
                continue;
            }
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            ++at;
            if (depth == 0) {
                return at;
            }
        }
        throw std::runtime_error("JSON ends too soon");
    }

    void read_table(const Json& one) {
        ComparedTable table;
        table.schema = member_text(one["name"], "schema");
        table.name = member_text(one["name"], "name");
        if (const auto columns = one.FindMember("columns"); columns != one.MemberEnd()) {
            for (const Json& each : columns->value.GetArray()) {
                ComparedColumn& column = table.columns.emplace_back();
                column.name = member_text(each, "name");
                column.type = type_name(each["type"]);
                column.not_null = each.HasMember("nullable") && !each["nullable"].GetBool();
                column.definition = spelled(each);
            }
        }
        if (const auto key = one.FindMember("primary_key"); key != one.MemberEnd()) {
            table.key = member_texts(key->value, "columns");
        }
        const auto list = [&one](const char* name, std::vector<std::string>& out) {
            if (const auto member = one.FindMember(name); member != one.MemberEnd()) {
                for (const Json& each : member->value.GetArray()) {
                    out.push_back(spelled(each));
                }
            }
        };
        list("foreign_keys", table.foreign_keys);
        list("unique_keys", table.unique_keys);
        list("indexes", table.indexes);
        m_files[table.display()] = member_text(one, "file");
        m_tables.push_back(std::move(table));
    }

    std::filesystem::path m_path;
    rapidjson::Document m_document;
    const Json* m_file_tables = nullptr;
    std::vector<ComparedTable> m_tables;
    std::map<std::string, std::string> m_facts;
    std::map<std::string, std::string> m_files;  ///< By display name.
};

}  // namespace

std::unique_ptr<DatabaseReader> read_json_database(const std::string& path) {
    return std::make_unique<JsonReader>(path);
}

}  // namespace migrate::test
