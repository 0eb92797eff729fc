#include <algorithm>
#include <cstddef>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <migrate/version.hpp>

#include "backends/json/manifest.hpp"
#include "util/json_seal.hpp"

namespace migrate::backends::json {

namespace {

using JsonWriter = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

// Members with the value that the reader assumes are left out, so that a manifest can be read by people.
class ManifestWriter {
  public:
    explicit ManifestWriter(rapidjson::StringBuffer& buffer) : m_writer(buffer) {
        m_writer.SetIndent(' ', 1);
    }

    void write(const Manifest& manifest) {
        m_writer.StartObject();
        text("format", k_manifest_format);
        if (manifest.is_nested) {
            text("layout", k_nested_layout);
        }
        number("version", manifest.is_nested ? k_nested_version : k_manifest_version);
        text("tool_version", manifest.tool_version);
        list("tables", manifest.tables, [this](const ManifestTable& table) { write(table); });
        list("migrations", manifest.migrations,
             [this](const backend::RecordedMigration& one) { write(one); });
        flag("keeps_code", manifest.keeps_code);
        if (!manifest.provenance.empty()) {
            key("provenance");
            m_writer.RawValue(manifest.provenance.data(), manifest.provenance.size(), rapidjson::kArrayType);
        }
        m_writer.EndObject();
    }

  private:
    void key(std::string_view name) {
        m_writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    }
    void string(std::string_view value) {
        m_writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    void text(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            key(name);
            string(value);
        }
    }
    void number(std::string_view name, std::int64_t value) {
        key(name);
        m_writer.Int64(value);
    }
    void flag(std::string_view name, bool value, bool assumed = false) {
        if (value != assumed) {
            key(name);
            m_writer.Bool(value);
        }
    }
    template <typename List, typename Write>
    void list(std::string_view name, const List& items, const Write& write_item) {
        if (items.empty()) {
            return;
        }
        key(name);
        m_writer.StartArray();
        for (const auto& item : items) {
            write_item(item);
        }
        m_writer.EndArray();
    }
    void texts(std::string_view name, const std::vector<std::string>& items) {
        list(name, items, [this](const std::string& item) { string(item); });
    }
    void properties(const std::map<std::string, std::string>& items) {
        if (items.empty()) {
            return;
        }
        key("properties");
        m_writer.StartObject();
        for (const auto& [name, value] : items) {
            key(name);
            string(value);
        }
        m_writer.EndObject();
    }
    void qualified(std::string_view name, const QualifiedName& table) {
        key(name);
        m_writer.StartObject();
        text("schema", table.schema);
        key("name");
        string(table.name);
        m_writer.EndObject();
    }

    void write(const LogicalType& type) {
        m_writer.StartObject();
        text("kind", to_string(type.kind));
        if (type.precision >= 0) {
            number("precision", type.precision);
        }
        if (type.scale >= 0) {
            number("scale", type.scale);
        }
        flag("trimmed", type.trimmed);
        if (type.limit >= 0) {
            number("limit", type.limit);
        }
        flag("fixed_length", type.fixed_length);
        texts("labels", type.labels);
        if (type.element) {
            key("element");
            write(*type.element);
        }
        text("native_name", type.native_name);
        m_writer.EndObject();
    }

    void write(const IdentityValue& identity) {
        key("identity");
        m_writer.StartObject();
        text("kind", to_string(identity.kind));
        text("sequence", identity.sequence);
        const auto optional = [this](std::string_view name, const std::optional<std::int64_t>& value) {
            if (value) {
                number(name, *value);
            }
        };
        optional("next", identity.next);
        number("increment", identity.increment);
        optional("minimum", identity.minimum);
        optional("maximum", identity.maximum);
        number("start", identity.start);
        number("cache", identity.cache);
        flag("cycle", identity.cycle);
        m_writer.EndObject();
    }

    void write(const Column& column) {
        m_writer.StartObject();
        key("name");
        string(column.name);
        key("type");
        write(column.type);
        text("native_type", column.native_type);
        text("format", column.format);
        flag("nullable", column.nullable, true);
        if (column.identity) {
            write(*column.identity);
        }
        text("collation", column.collation);
        text("comment", column.comment);
        properties(column.properties);
        m_writer.EndObject();
    }

    void write(const Key& one) {
        m_writer.StartObject();
        text("name", one.name);
        texts("columns", one.columns);
        texts("collations", one.collations);
        flag("deferrable", one.deferrable);
        flag("initially_deferred", one.initially_deferred);
        m_writer.EndObject();
    }

    void write(const Index& index) {
        m_writer.StartObject();
        text("name", index.name);
        flag("unique", index.unique);
        flag("nulls_not_distinct", index.nulls_not_distinct);
        list("parts", index.parts, [this](const IndexPart& part) {
            m_writer.StartObject();
            text("column", part.column);
            text("collation", part.collation);
            flag("descending", part.descending);
            if (part.nulls_first) {
                key("nulls_first");
                m_writer.Bool(*part.nulls_first);
            }
            m_writer.EndObject();
        });
        texts("included", index.included);
        m_writer.EndObject();
    }

    void write(const ForeignKey& foreign_key) {
        m_writer.StartObject();
        text("name", foreign_key.name);
        texts("columns", foreign_key.columns);
        qualified("referenced_table", foreign_key.referenced_table);
        texts("referenced_columns", foreign_key.referenced_columns);
        text("on_update", to_string(foreign_key.on_update));
        text("on_delete", to_string(foreign_key.on_delete));
        text("match", foreign_key.match);
        flag("deferrable", foreign_key.deferrable);
        flag("initially_deferred", foreign_key.initially_deferred);
        flag("validated", foreign_key.validated, true);
        texts("set_columns", foreign_key.set_columns);
        m_writer.EndObject();
    }

    void write(const ManifestTable& one) {
        const Table& table = one.table;
        m_writer.StartObject();
        qualified("name", table.name);
        text("file", one.file);
        number("rows", static_cast<std::int64_t>(one.rows));
        text("digest", one.digest);
        flag("shape", table.role == TableRole::shape);
        list("columns", table.columns, [this](const Column& column) { write(column); });
        if (table.primary_key) {
            key("primary_key");
            write(*table.primary_key);
        }
        list("unique_keys", table.unique_keys, [this](const Key& one_key) { write(one_key); });
        list("foreign_keys", table.foreign_keys, [this](const ForeignKey& reference) { write(reference); });
        list("indexes", table.indexes, [this](const Index& index) { write(index); });
        text("comment", table.comment);
        properties(table.properties);
        m_writer.EndObject();
    }

    void write(const backend::RecordedMigration& one) {
        m_writer.StartObject();
        text("id", one.id);
        text("state", one.state);
        text("created_at", one.created_at);
        number("epoch", static_cast<std::int64_t>(one.epoch));
        if (one.retries > 0) {
            number("retries", static_cast<std::int64_t>(one.retries));
        }
        text("audit_head", padded_head(one.audit_head));
        text("plan", one.plan_json);
        m_writer.EndObject();
    }

    JsonWriter m_writer;
};

}  // namespace

std::string padded_head(const std::string& head) {
    constexpr std::size_t k_room = 16 + 1 + 20 + 1 + 64;
    return head.empty() ? head : head + std::string(k_room - std::min(k_room, head.size()), ' ');
}

std::string render_manifest(const Manifest& manifest) {
    rapidjson::StringBuffer buffer;
    ManifestWriter(buffer).write(manifest);
    return util::sealed_json({buffer.GetString(), buffer.GetSize()});
}

const ManifestTable* Manifest::find(const QualifiedName& table) const noexcept {
    for (const ManifestTable& one : tables) {
        if (one.table.name == table) {
            return &one;
        }
    }
    return nullptr;
}

}  // namespace migrate::backends::json
