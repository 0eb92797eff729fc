#include "backends/postgresql/adopter.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "backend/kept_code.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "backends/postgresql/translation.hpp"

namespace migrate::backends::postgresql {
namespace {

const Column* origin_column(const Table& table, std::size_t index) {
    const TableOrigin* origin = table.origin_on("postgresql");
    if (origin == nullptr || origin->table == nullptr || index >= origin->columns.size()) {
        return nullptr;
    }
    const int there = origin->columns[index];
    return there < 0 ? nullptr : &origin->table->columns.at(static_cast<std::size_t>(there));
}

std::string column_object(const Table& table, const Column& column) {
    return fmt::format("table {}, column {}", table.name.display(), column.name);
}

/// A type of a schema other than the system's: quoted, qualified, without array brackets and modifiers.
std::string bare_type(const std::string& native) {
    std::string bare = native.substr(0, native.find('['));
    bool quoted = false;
    for (std::size_t i = 0; i < bare.size(); ++i) {
        quoted = bare[i] == '"' ? !quoted : quoted;
        if (bare[i] == '(' && !quoted) {
            bare.resize(i);
        }
    }
    return bare;
}

/// Whether a recorded type has room for every value that is read as another of its kind now: an application
/// may have written more digits or longer texts since.
bool holds_all(const LogicalType& recorded, const LogicalType& read) {
    if (recorded.kind != read.kind) {
        return false;
    }
    switch (recorded.kind) {
        case TypeKind::decimal:
            return recorded.scale < 0 ||
                   (recorded.precision == read.precision && recorded.scale == read.scale);
        case TypeKind::text:
            return recorded.limit < 0 || (read.limit >= 0 && read.limit <= recorded.limit);
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return recorded.precision < 0 || (read.precision >= 0 && read.precision <= recorded.precision);
        default:
            return true;
    }
}

bool is_text_spelling(TypeKind kind) {
    return kind == TypeKind::enumeration || kind == TypeKind::opaque || kind == TypeKind::range;
}

}  // namespace

Adopter::Adopter(const Schema& source, const backend::AdoptOptions& options, std::string default_schema,
                 ServerFacts facts)
    : m_source(source),
      m_options(options),
      m_default_schema(std::move(default_schema)),
      m_facts(std::move(facts)) {}

backend::Adoption Adopter::adopt() {
    Schema& schema = m_adoption.schema;
    schema.engine = "postgresql";
    // Types first: whether a column can have its own is decided by them.
    find_renamed();
    adopt_objects();
    for (const Table& table : m_source.tables) {
        const std::string& in = table.name.schema.empty() ? m_default_schema : table.name.schema;
        m_names[in].relations.insert(table.name.name);
    }
    for (const Table& table : m_source.tables) {
        schema.tables.push_back(adopt_table(table));
    }
    for (Table& table : schema.tables) {
        adopt_inheritance(table);
    }
    adopt_foreign_keys();
    adopt_views();
    leave_dependents_out();
    adopt_details();
    backend::forget_kept(schema);
    return std::move(m_adoption);
}

void Adopter::note(Severity severity, std::string code, std::string object, std::string message,
                   std::string next_step, std::uint64_t count) {
    m_adoption.findings.push_back(
        {severity, std::move(code), std::move(object), std::move(message), std::move(next_step), count});
}

void Adopter::note_definition(const Table& table, Severity severity, std::string code, std::string object,
                              std::string message, std::string next_step, std::uint64_t count) {
    note(severity, std::move(code), std::move(object), std::move(message), std::move(next_step), count);
    m_adoption.findings.back().definition_of = placed(table.name);
}

QualifiedName Adopter::placed(const QualifiedName& name) const {
    return {name.schema.empty() ? m_default_schema : name.schema, name.name};
}

std::string Adopter::relation_name(const std::string& schema, const std::string& wanted) {
    auto& used = m_names[schema].relations;
    std::string name = fit_identifier(wanted);
    for (int n = 1; !used.insert(name).second; ++n) {
        name = fit_identifier(fmt::format("{}_{}", wanted, n));
    }
    return name;
}

std::string Adopter::constraint_name(const Table& out, const std::string& wanted) {
    const auto taken = [&](const std::string& name) {
        const auto named = [&](const auto& one) { return one.name == name; };
        return (out.primary_key && named(*out.primary_key)) ||
               std::any_of(out.unique_keys.begin(), out.unique_keys.end(), named) ||
               std::any_of(out.checks.begin(), out.checks.end(), named) ||
               std::any_of(out.foreign_keys.begin(), out.foreign_keys.end(), named);
    };
    std::string name = fit_identifier(wanted);
    for (int n = 1; taken(name); ++n) {
        name = fit_identifier(fmt::format("{}_{}", wanted, n));
    }
    return name;
}

Table Adopter::adopt_table(const Table& table) {
    const TableOrigin* origin = table.origin_on("postgresql");
    Table out;
    out.name = placed(table.name);
    out.role = table.role;
    out.row_estimate = table.row_estimate;
    out.row_count_exact = table.row_count_exact;
    out.byte_estimate = table.byte_estimate;
    out.comment = table.comment.empty() && origin != nullptr ? origin->table->comment : table.comment;
    if (same_engine()) {
        out.properties = table.properties;
    } else if (origin != nullptr) {
        out.properties = origin->table->properties;
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        out.columns.push_back(adopt_column(table, table.columns[i], origin_column(table, i)));
        apply_override(table, out.columns.back());
    }
    if (origin != nullptr && !same_engine()) {
        leave_outdated_generated(*origin->table, table, out);
    }
    adopt_generated(table, out);
    adopt_keys(table, out);
    adopt_checks(table, origin == nullptr ? nullptr : origin->table.get(), out);
    adopt_indexes(table, origin == nullptr ? nullptr : origin->table.get(), out);
    note_long_keys(table, out);
    return out;
}

Column Adopter::adopt_column(const Table& table, const Column& column, const Column* origin) {
    Column out;
    out.name = column.name;
    out.type = column.type;
    out.nullable = column.nullable;
    out.hidden = column.hidden;
    out.comment = column.comment.empty() && origin != nullptr ? origin->comment : column.comment;
    adopt_native(table, column, origin, out);
    if (same_engine()) {
        out.properties = column.properties;
        out.collation = column.collation;
    } else if (origin != nullptr) {
        out.properties = origin->properties;
        out.collation = out.native_type == origin->native_type ? origin->collation : "";
    }
    adopt_identity(table, column, origin, out);
    const Column* same = same_engine() ? &column : origin;
    if (same != nullptr && out.native_type == same->native_type) {
        out.default_sql = same->default_sql;
        out.generated = same->generated;
        leave_calling_out(table, *same, out);
        return out;
    }
    adopt_default(table, column, out);
    return out;
}

/// A column is made before any function is.
void Adopter::leave_calling_out(const Table& table, const Column& same, Column& out) {
    if (!same.properties.contains(property::k_calls_code)) {
        return;
    }
    if (out.generated) {
        out.generated.reset();
        note_definition(table, Severity::left_out, "generated-left-out", column_object(table, out),
                        "Its expression calls functions of the database's own; its values are copied.",
                        "Make the column generated after the migration.");
    }
    if (out.default_sql && !m_options.with_code) {
        out.default_sql.reset();
        note_definition(
            table, Severity::left_out, "default-left-out", column_object(table, out),
            "Its default calls functions of the database's own, and code is only made where that is asked "
            "for.",
            "--with-code makes it, or ALTER TABLE … ALTER COLUMN … SET DEFAULT after the migration.");
    }
}

bool Adopter::type_exists(const std::string& native) const {
    const std::string bare = bare_type(native);
    const QualifiedName name = parse_name(bare);
    if (name.schema.empty() || name.schema == "pg_catalog") {
        return true;
    }
    const auto brings = [&](const SchemaObject& object) {
        const auto members = object.properties.find(property::k_members);
        const auto names =
            members == object.properties.end() ? std::vector<std::string>{} : split_names(members->second);
        return (object.name == name && is_type_kind(object.kind)) || multirange_of(object) == name ||
               std::any_of(names.begin(), names.end(),
                           [&](const std::string& member) { return parse_name(member) == name; });
    };
    const auto& objects = m_adoption.schema.objects;
    return m_facts.types.contains(name.display()) || has_table(name) ||
           std::any_of(objects.begin(), objects.end(), brings);
}

void Adopter::adopt_native(const Table& table, const Column& column, const Column* origin, Column& out) {
    const Column* same = same_engine() ? &column : origin;
    if (same != nullptr && holds_all(same->type, column.type)) {
        if (type_exists(same->native_type)) {
            out.native_type = same->native_type;
            return;
        }
        note_definition(table, Severity::left_out, "type-left-out", column_object(table, column),
                        fmt::format("The target has no type {}; the column becomes {}.", same->native_type,
                                    is_text_spelling(column.type.kind) ? "text" : "its nearest equal"),
                        "Create the type or its extension in the target first.");
    }
    if (is_text_spelling(column.type.kind)) {
        const bool built_in =
            !column.type.native_name.empty() && same_engine() && type_exists(column.type.native_name);
        out.native_type = built_in ? column.type.native_name : "text";
        return;
    }
    if (column.type.kind == TypeKind::text && column.properties.contains("texts_with_nul")) {
        out.native_type = "json";
        note_definition(table, Severity::note, "nul-text-as-json", column_object(table, column),
                        "Text with NUL characters is kept as JSON strings, which can hold them.");
        return;
    }
    LogicalType type = column.type;
    if (type.kind == TypeKind::array && type.element != nullptr && is_text_spelling(type.element->kind)) {
        out.native_type = "text[]";
        return;
    }
    if (type.kind == TypeKind::decimal && type.scale > type.precision && type.precision > 0) {
        type.precision = -1;
    }
    out.native_type = native_type_of(type);
    if (type.kind == TypeKind::variant) {
        note_definition(table, Severity::note, "variant-as-json", column_object(table, column),
                        "Values of different storage classes are kept as json.",
                        "--type names another reading.");
    }
}

void Adopter::apply_override(const Table& table, Column& out) {
    for (const backend::ColumnHint& hint : m_options.overrides) {
        const bool about = hint.column == out.name && hint.table.name == table.name.name &&
                           (hint.table.schema.empty() || hint.table.schema == table.name.schema);
        if (about) {
            out.type = hint.type;
            out.native_type = native_type_of(hint.type);
            out.why = "as asked for";
        }
    }
}

void Adopter::adopt_identity(const Table& table, const Column& column, const Column* origin, Column& out) {
    const bool whole_number = column.type.kind == TypeKind::int16 || column.type.kind == TypeKind::int32 ||
                              column.type.kind == TypeKind::int64;
    if (same_engine()) {
        out.identity = column.identity;
        if (out.identity) {
            out.properties["exact_next"] = "yes";
        }
    } else if (origin != nullptr && origin->identity && whole_number) {
        out.identity = origin->identity;
        const std::int64_t former = origin->identity->next.value_or(origin->identity->start);
        const auto highest = origin->properties.find("highest");
        std::int64_t past_rows = 1;  // What an engine that counts rows hands out first.
        if (highest != origin->properties.end() && !highest->second.empty()) {
            const std::int64_t last = std::stoll(highest->second);
            past_rows =
                last < std::numeric_limits<std::int64_t>::max() ? std::max<std::int64_t>(last, 0) + 1 : last;
        }
        const std::int64_t present = column.identity ? column.identity->next.value_or(0) : 0;
        if (highest != origin->properties.end() && present <= std::max(former, past_rows)) {
            // The engine in between has handed out nothing of its own.
            out.properties["highest"] = highest->second;
        } else if (origin->identity->increment > 0) {
            out.identity->next = std::max(former, present);
        } else {
            // Engines that count for themselves count upwards.
            const bool falls = column.identity && column.identity->increment < 0;
            out.identity->next = falls ? std::min(former, present) : former;
        }
    } else if (origin == nullptr && column.identity && whole_number) {
        // A key that the engine hands out is a key like any other here, unless it is the whole key.
        out.identity = IdentityValue{};
        out.identity->kind = IdentityValue::Kind::by_default;
        out.identity->next = column.identity->next;
        if (const auto exhausted = column.properties.find("sequence_exhausted");
            exhausted != column.properties.end()) {
            out.properties.insert(*exhausted);
        }
        out.nullable = false;
    }
    if (!out.identity) {
        return;
    }
    const std::string& schema = table.name.schema.empty() ? m_default_schema : table.name.schema;
    const std::string wanted = out.identity->sequence.empty()
                                   ? fmt::format("{}_{}_seq", table.name.name, column.name)
                                   : parse_name(out.identity->sequence).name;
    out.identity->sequence = quote_name(schema, relation_name(schema, wanted));
    if (out.identity->kind != IdentityValue::Kind::serial) {
        out.nullable = false;
    }
}

void Adopter::adopt_default(const Table& table, const Column& column, Column& out) {
    if (!column.default_sql || out.identity || column.generated) {
        return;
    }
    const Translation translation = translate_default(m_source, table, column, out);
    out.default_sql = translation.sql;
    if (!out.default_sql) {
        note_definition(table, Severity::left_out, "default-left-out", column_object(table, column),
                        fmt::format("Its default has no equal in PostgreSQL: {}.", translation.why_not),
                        "ALTER TABLE … ALTER COLUMN … SET DEFAULT after the migration.");
    }
}

void Adopter::adopt_inheritance(Table& out) {
    const auto found = out.properties.find(property::k_inherits);
    if (found == out.properties.end()) {
        return;
    }
    std::string kept;
    std::vector<std::string> order;
    for (const std::string& quoted : split_names(found->second)) {
        const Table* parent = m_adoption.schema.find_table(parse_name(quoted));
        if (parent == nullptr) {
            note_definition(out, Severity::left_out, "inheritance-left-out", "table " + out.name.display(),
                            fmt::format("The table {} that it inherits from is not migrated.", quoted),
                            "ALTER TABLE … INHERIT after the migration.");
            continue;
        }
        kept += (kept.empty() ? "" : ", ") + quoted;
        for (const Column& column : parent->columns) {
            if (std::find(order.begin(), order.end(), column.name) == order.end()) {
                order.push_back(column.name);
            }
        }
    }
    const bool whole = kept.size() == found->second.size();
    if (kept.empty()) {
        out.properties.erase(found);
        return;
    }
    found->second = kept;
    bool any = false;
    for (const Column& column : out.columns) {
        any = any || column.properties.contains(property::k_inherited);
        if (std::find(order.begin(), order.end(), column.name) == order.end()) {
            order.push_back(column.name);
        }
    }
    const bool same_order =
        std::equal(order.begin(), order.end(), out.columns.begin(), out.columns.end(),
                   [](const std::string& name, const Column& column) { return name == column.name; });
    if (!whole || !any || !same_order) {
        return;
    }
    out.properties[property::k_inherits_columns] = "yes";
    const auto checks = out.properties.find(property::k_inherited_checks);
    for (const std::string& quoted :
         checks == out.properties.end() ? std::vector<std::string>{} : split_names(checks->second)) {
        std::erase_if(out.checks, [&](const Check& check) { return check.name == parse_name(quoted).name; });
    }
}

}  // namespace migrate::backends::postgresql
