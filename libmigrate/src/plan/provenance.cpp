#include "plan/provenance.hpp"

#include <algorithm>
#include <utility>

#include <migrate/version.hpp>

#include "backend/kept_code.hpp"
#include "backend/stored_form.hpp"
#include "plan/schema_fields.hpp"

namespace migrate::plan {
template <class Archive>
void fields(Archive& a, FormerTable& v) {
    a.field("table", v.table);
    a.field("columns", v.columns);
    if (Archive::k_reading || v.reshaped) {
        a.field("reshaped", v.reshaped);
    }
}

template <class Archive>
void fields(Archive& a, Origin& v) {
    a.field("schema", v.schema);
    a.field("tables", v.tables);
}

template <class Archive>
void fields(Archive& a, Provenance& v) {
    a.field("version", v.version);
    a.field("migration", v.migration);
    a.field("tool_version", v.tool_version);
    a.field("written", v.written);
    a.field("origins", v.origins);
}

namespace {

constexpr std::int64_t k_format_version = 1;

/// The very table, or one of its name; −1 if there is none.
std::int64_t index_of(const Schema& schema, const Table& table) {
    std::int64_t found = -1;
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        if (&schema.tables[i] == &table) {
            return static_cast<std::int64_t>(i);
        }
        if (schema.tables[i].name == table.name) {
            found = static_cast<std::int64_t>(i);
        }
    }
    return found;
}

/// What a target that keeps no code has been given is made there, or listed.
std::shared_ptr<const Schema> without_marks(const std::shared_ptr<const Schema>& former) {
    auto schema = std::make_shared<Schema>(*former);
    backend::forget_kept(*schema);
    return schema;
}

void mark_kept(Schema& schema) {
    for (SchemaObject& object : schema.objects) {
        if (backend::can_be_kept(object)) {
            object.properties[backend::k_kept] = "yes";
        }
    }
}

/// The source's tables under this engine, as far as its own provenance knew them.
Origin former_origin(const Schema& source, const std::shared_ptr<const Schema>& former, bool keeps_code) {
    Origin origin{keeps_code ? former : without_marks(former), {}};
    for (const Table& table : source.tables) {
        FormerTable& entry = origin.tables.emplace_back();
        const TableOrigin* known = table.origin_on(former->engine);
        if (known == nullptr) {
            continue;
        }
        entry.table = index_of(*former, *known->table);
        entry.reshaped = known->reshaped;
        entry.columns.assign(known->columns.begin(), known->columns.end());
    }
    return origin;
}

/// A column that the mapping made is none of the source's; nor is a table of several.
Origin present_origin(const mapping::MappedSchema& source, bool keeps_code) {
    auto schema = std::make_shared<Schema>(source.schema);
    schema->origins.clear();
    schema->properties.erase(backend::k_keeps_code);
    if (keeps_code) {
        mark_kept(*schema);
    }
    Origin origin{schema, {}};
    for (std::size_t i = 0; i < schema->tables.size(); ++i) {
        schema->tables[i].origins.clear();
        FormerTable& entry = origin.tables.emplace_back();
        entry.table = static_cast<std::int64_t>(i);
        for (std::size_t c = 0; c < schema->tables[i].columns.size(); ++c) {
            entry.columns.push_back(source.tables[i].made[c] ? -1 : static_cast<std::int64_t>(c));
        }
    }
    return origin;
}

/// Columns in the order of `table`, found by the names they were written under.
std::vector<int> match_columns(const Table& written, const FormerTable& former, const Table& table) {
    std::vector<int> columns;
    for (const Column& column : table.columns) {
        const auto it = std::find_if(written.columns.begin(), written.columns.end(),
                                     [&](const Column& c) { return c.name == column.name; });
        const auto at = static_cast<std::size_t>(it - written.columns.begin());
        const bool known = it != written.columns.end() && at < former.columns.size();
        columns.push_back(known ? static_cast<int>(former.columns[at]) : -1);
    }
    return columns;
}

void check_kept(const Schema& schema) {
    for (const SchemaObject& object : schema.objects) {
        if (backend::is_kept(object) &&
            (object.kind.empty() || object.name.name.empty() || object.native_sql.empty())) {
            throw Error(ErrorCode::malformed,
                        "the provenance record keeps a definition without its kind, name or text" +
                            (object.name.name.empty() ? std::string() : ": " + object.name.display()));
        }
    }
}

void check_shape(const Provenance& provenance) {
    for (const Origin& origin : provenance.origins) {
        bool sound = origin.schema != nullptr && origin.tables.size() == provenance.written.tables.size();
        for (std::size_t i = 0; sound && i < origin.tables.size(); ++i) {
            const FormerTable& former = origin.tables[i];
            if (former.table < 0) {
                continue;
            }
            sound = static_cast<std::size_t>(former.table) < origin.schema->tables.size();
            for (std::size_t c = 0; sound && c < former.columns.size(); ++c) {
                const auto& columns = origin.schema->tables[static_cast<std::size_t>(former.table)].columns;
                sound = former.columns[c] < static_cast<std::int64_t>(columns.size());
            }
        }
        if (!sound) {
            throw Error(ErrorCode::malformed, "the provenance record does not fit together");
        }
        check_kept(*origin.schema);
    }
}

// A single record is read as a list of one.
void parse_records(const std::string& json, rapidjson::Document& document) {
    const std::size_t begin = json.find_first_not_of(" \t\r\n");
    const bool is_list = begin != std::string::npos && json[begin] == '[';
    rapidjson::Document wrapped;
    parse_object(is_list ? "{\"records\":" + json + "}" : json, "the provenance record", wrapped);
    document.SetArray();
    if (is_list) {
        document.CopyFrom(wrapped["records"], document.GetAllocator());
    } else {
        document.PushBack(rapidjson::Value(wrapped, document.GetAllocator()), document.GetAllocator());
    }
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the document owns what it made
    if (document.Empty()) {
        throw Error(ErrorCode::malformed, "the provenance record is an empty list");
    }
}

Provenance read_record(const rapidjson::Value& record) {
    if (!record.IsObject()) {
        throw Error(ErrorCode::malformed, "the provenance record is not a JSON object");
    }
    Provenance provenance;
    JsonReader reader(record);
    reader.field("version", provenance.version);
    if (provenance.version > k_format_version) {
        throw Error(ErrorCode::unsupported, "the provenance record is of format " +
                                                std::to_string(provenance.version) +
                                                ", which a later version of this library wrote");
    }
    fields(reader, provenance);
    check_shape(provenance);
    return provenance;
}

bool has_object(const Schema& schema, const SchemaObject& object) {
    return std::any_of(schema.objects.begin(), schema.objects.end(), [&](const SchemaObject& one) {
        return one.kind == object.kind && one.name == object.name && one.table == object.table;
    });
}

/// The origin of an engine in the newer record, made where it has none; the schema can be added to.
Origin& origin_of(const std::shared_ptr<const Schema>& older, Provenance& newer,
                  std::shared_ptr<Schema>& schema) {
    for (Origin& origin : newer.origins) {
        if (origin.schema->engine == older->engine) {
            schema = std::make_shared<Schema>(*origin.schema);
            return origin;
        }
    }
    schema = std::make_shared<Schema>(*older);
    schema->tables.clear();
    // Oldest first.
    newer.origins.insert(newer.origins.begin(), Origin{});
    newer.origins.front().tables.resize(newer.written.tables.size());
    return newer.origins.front();
}

/// Adds what an older record says of tables that the newer one does not know, so that the newest migration
/// that wrote a table has the word on it.
void add_older(const Provenance& older, Provenance& newer) {
    const std::size_t known = newer.written.tables.size();
    std::vector<std::size_t> added;
    for (std::size_t i = 0; i < older.written.tables.size(); ++i) {
        const Table& table = older.written.tables[i];
        if (newer.written.find_table(table.name) == nullptr) {
            newer.written.tables.push_back(table);
            added.push_back(i);
        }
    }
    if (added.empty()) {
        return;
    }
    for (const Origin& origin : older.origins) {
        std::shared_ptr<Schema> schema;
        Origin& into = origin_of(origin.schema, newer, schema);
        into.tables.resize(known);
        for (const std::size_t i : added) {
            FormerTable former = origin.tables[i];
            if (former.table >= 0) {
                schema->tables.push_back(origin.schema->tables[static_cast<std::size_t>(former.table)]);
                former.table = static_cast<std::int64_t>(schema->tables.size()) - 1;
            }
            into.tables.push_back(std::move(former));
        }
        for (const SchemaObject& object : origin.schema->objects) {
            if (!has_object(*schema, object)) {
                schema->objects.push_back(object);
            }
        }
        into.schema = std::move(schema);
    }
    for (Origin& origin : newer.origins) {
        origin.tables.resize(newer.written.tables.size());
    }
}

/// Values that were copied as they are stored are of the type that they were recorded with, all the same.
void restore_recorded_types(const Schema& source, Schema& written) {
    for (std::size_t t = 0; t < written.tables.size() && source.engine == written.engine; ++t) {
        Table& table = written.tables[t];
        for (std::size_t c = 0; c < table.columns.size() && table.placement != Placement::load; ++c) {
            const auto& properties = source.tables[t].columns[c].properties;
            const auto recorded = properties.find(backend::k_recorded_as);
            const std::size_t colon =
                recorded == properties.end() ? std::string::npos : recorded->second.rfind(':');
            const auto type = colon == std::string::npos
                                  ? std::nullopt
                                  : parse_logical_type(recorded->second.substr(0, colon));
            if (type) {
                table.columns[c].type = *type;
                table.columns[c].format = recorded->second.substr(colon + 1);
            }
        }
    }
}

}  // namespace

std::string make_provenance(const std::string& migration, const mapping::MappedSchema& source,
                            const Schema& target) {
    Provenance provenance;
    provenance.version = k_format_version;
    provenance.migration = migration;
    provenance.tool_version = MIGRATE_VERSION_STRING;
    provenance.written = target;
    restore_recorded_types(source.schema, provenance.written);
    const bool keeps_code = backend::keeps_code(target);
    for (const auto& former : source.schema.origins) {
        if (former->engine != source.schema.engine) {
            provenance.origins.push_back(former_origin(source.schema, former, keeps_code));
        }
    }
    provenance.origins.push_back(present_origin(source, keeps_code));
    return JsonWriter().document(provenance);
}

Provenance parse_provenance(const std::string& json) {
    rapidjson::Document document;
    parse_records(json, document);
    Provenance newest;
    bool is_first = true;
    for (const auto& record : document.GetArray()) {
        Provenance one = read_record(record);
        if (std::exchange(is_first, false)) {
            newest = std::move(one);
        } else {
            add_older(one, newest);
        }
    }
    return newest;
}

std::vector<backend::ColumnHint> hints_of(const Provenance& provenance) {
    std::vector<backend::ColumnHint> hints;
    for (const Table& table : provenance.written.tables) {
        for (const Column& column : table.columns) {
            hints.push_back({table.name, column.name, column.type, column.format, false});
        }
    }
    return hints;
}

void attach_origins(const Provenance& provenance, Schema& schema) {
    for (const Origin& origin : provenance.origins) {
        if (origin.schema->engine == schema.engine) {
            continue;
        }
        schema.origins.push_back(origin.schema);
        for (Table& table : schema.tables) {
            for (std::size_t i = 0; i < provenance.written.tables.size(); ++i) {
                const Table& written = provenance.written.tables[i];
                const FormerTable& former = origin.tables[i];
                if (written.name == table.name && former.table >= 0) {
                    const Table& there = origin.schema->tables[static_cast<std::size_t>(former.table)];
                    // The schema owns the table; the alias keeps the schema alive.
                    table.origins.push_back({origin.schema->engine,
                                             std::shared_ptr<const Table>(origin.schema, &there),
                                             match_columns(written, former, table), former.reshaped});
                }
            }
        }
    }
}

}  // namespace migrate::plan
