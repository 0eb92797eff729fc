#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/translation.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::postgresql {
namespace {

bool is_nocase(const std::string& collation) {
    return collation == "NOCASE" || collation == "nocase";
}

/// The collation that a key's column compares by on SQLite.
std::string key_collation(const Table& table, const Key& key, std::size_t index) {
    if (index < key.collations.size() && !key.collations[index].empty()) {
        return key.collations[index];
    }
    const Column* column = table.find_column(key.columns[index]);
    return column == nullptr ? std::string() : column->collation;
}

bool folds_case(const Table& table, const Key& key) {
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        const Column* column = table.find_column(key.columns[i]);
        if (column != nullptr && column->type.kind == TypeKind::text &&
            is_nocase(key_collation(table, key, i))) {
            return true;
        }
    }
    return false;
}

std::string joined(const std::vector<std::string>& names, const char* separator) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : separator) + name;
    }
    return text;
}

/// How PostgreSQL compares text as SQLite's NOCASE does: ASCII letters only.
std::string folded(const std::string& column) {
    return fmt::format("lower({} COLLATE \"C\")", quote_identifier(column));
}

bool sortable(const Column& column) {
    return column.native_type != "json" && column.native_type != "xml" && column.native_type != "point";
}

/// Whether a table's property, a list of quoted names, has this one.
bool lists_name(const Table& table, const char* property, const std::string& name) {
    const auto found = table.properties.find(property);
    const auto names =
        found == table.properties.end() ? std::vector<std::string>{} : split_names(found->second);
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& quoted) { return parse_name(quoted).name == name; });
}

template <typename Named>
const Named* find_named(const std::vector<Named>& list, const std::string& name) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Named& one) { return one.name == name; });
    return found == list.end() ? nullptr : &*found;
}

bool has_columns(const Table& table, const std::vector<std::string>& columns) {
    return std::all_of(columns.begin(), columns.end(),
                       [&](const std::string& name) { return table.find_column(name) != nullptr; });
}

bool index_columns_exist(const Table& table, const Index& index) {
    return has_columns(table, index.included) &&
           std::all_of(index.parts.begin(), index.parts.end(), [&](const IndexPart& part) {
               return part.column.empty() || table.find_column(part.column) != nullptr;
           });
}

}  // namespace

Key Adopter::adopt_key(const Table& table, const Key& key, const char* suffix, Table& out) {
    Key adopted;
    adopted.columns = key.columns;
    adopted.deferrable = key.deferrable;
    adopted.initially_deferred = key.initially_deferred;
    const std::string wanted = key.name.empty() ? fmt::format("{}_{}", table.name.name, suffix) : key.name;
    adopted.name = relation_name(out.name.schema, wanted);
    const bool recorded =
        table.origin_on("postgresql") != nullptr &&
        (key.native_sql.starts_with("UNIQUE ") || key.native_sql.starts_with("PRIMARY KEY "));
    if (same_engine() || recorded) {
        adopted.native_sql = key.native_sql;
    }
    return adopted;
}

void Adopter::adopt_keys(const Table& table, Table& out) {
    const TableOrigin* origin = table.origin_on("postgresql");
    const auto original = [&](const Key& key) {
        Key merged = key;
        if (origin == nullptr) {
            return merged;
        }
        const auto same_columns = [&](const Key& one) { return one.columns == key.columns; };
        const auto& keys = origin->table->unique_keys;
        // Several keys may be of the same columns, one of them deferrable.
        auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const Key& one) { return same_columns(one) && one.name == key.name; });
        found = found == keys.end() ? std::find_if(keys.begin(), keys.end(), same_columns) : found;
        const Key* before = origin->table->primary_key && same_columns(*origin->table->primary_key) &&
                                    &key == &*table.primary_key
                                ? &*origin->table->primary_key
                            : found != keys.end() ? &*found
                                                  : nullptr;
        return before == nullptr ? merged : *before;
    };
    if (table.primary_key) {
        const Key& key = *table.primary_key;
        const bool comparable =
            std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) {
                const Column* column = out.find_column(name);
                return column == nullptr || sortable(*column);
            });
        if (!comparable) {
            note_definition(table, Severity::left_out, "primary-key-left-out",
                            "table " + table.name.display(),
                            "A column of the primary key has a type that PostgreSQL cannot compare.",
                            "Choose another type for it with --type.");
        } else if (folds_case(table, key)) {
            // The key itself must hold every spelling once; that no two differ in case only is one more rule.
            out.primary_key = adopt_key(table, original(key), "pkey", out);
            adopt_nocase_key(table, key, out);
        } else {
            out.primary_key = adopt_key(table, original(key), "pkey", out);
        }
    }
    for (const Key& key : table.unique_keys) {
        const bool comparable =
            std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) {
                const Column* column = out.find_column(name);
                return column == nullptr || sortable(*column);
            });
        if (!comparable) {
            note_definition(
                table, Severity::left_out, "unique-key-left-out",
                fmt::format("table {}, unique ({})", table.name.display(), joined(key.columns, ", ")),
                "A column of the key has a type that PostgreSQL cannot compare.",
                "Choose another type for it with --type.");
        } else if (folds_case(table, key)) {
            adopt_nocase_key(table, key, out);
        } else {
            out.unique_keys.push_back(
                adopt_key(table, original(key), (joined(key.columns, "_") + "_key").c_str(), out));
        }
    }
}

bool Adopter::adopt_nocase_key(const Table& table, const Key& key, Table& out) {
    Index index;
    index.unique = true;
    index.method = "btree";
    index.name = relation_name(
        out.name.schema,
        key.name.empty() ? table.name.name + "_" + joined(key.columns, "_") + "_nocase" : key.name);
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        IndexPart part;
        const Column* column = table.find_column(key.columns[i]);
        if (column != nullptr && column->type.kind == TypeKind::text &&
            is_nocase(key_collation(table, key, i))) {
            part.expression = folded(key.columns[i]);
        } else {
            part.column = key.columns[i];
        }
        index.parts.push_back(std::move(part));
    }
    out.indexes.push_back(std::move(index));
    note_definition(
        table, Severity::note, "nocase-unique-index",
        fmt::format("table {}, unique ({})", table.name.display(), joined(key.columns, ", ")),
        "NOCASE folds ASCII letters only; the key became a unique index on lower(column COLLATE \"C\").");
    return true;
}

void Adopter::add_check(const Table& from, const Check& check, Table& out) {
    if (!lists_name(from, property::k_checks_call_code, check.name)) {
        out.checks.push_back(check);
        return;
    }
    SchemaObject object;
    object.kind = "check";
    object.name = {out.name.schema, check.name};
    object.table = out.name.name;
    object.native_sql = fmt::format(
        "ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}){}{}", quote_name(out.name), quote_identifier(check.name),
        check.expression, check.no_inherit ? " NO INHERIT" : "", check.validated ? "" : " NOT VALID");
    adopt_calling(std::move(object), out);
}

void Adopter::add_index(const Table& from, Index index, Table& out) {
    if (!lists_name(from, property::k_indexes_call_code, index.name)) {
        out.indexes.push_back(std::move(index));
        return;
    }
    SchemaObject object;
    object.kind = "index";
    object.name = {out.name.schema, index.name};
    object.table = out.name.name;
    object.native_sql = ddl::index(out, index, StagingNames());
    adopt_calling(std::move(object), out);
}

void Adopter::adopt_checks(const Table& table, const Table* origin, Table& out) {
    if (const Table* from = same_engine() ? &table : origin) {
        for (const Check& check : from->checks) {
            if (same_engine() || !leave_outdated_check(check, *from, out)) {
                add_check(*from, check, out);
            }
        }
    }
    if (same_engine()) {
        return;
    }
    for (const Check& check : table.checks) {
        const std::string name = check.name.empty() ? fmt::format("{}_check", table.name.name) : check.name;
        if (origin != nullptr && (check.name.empty() || find_named(origin->checks, check.name) != nullptr)) {
            continue;
        }
        const Translation translation = translate_condition(m_source, table, out, check.expression);
        if (translation.sql) {
            Check adopted = check;
            adopted.name = constraint_name(out, name);
            adopted.expression = *translation.sql;
            out.checks.push_back(std::move(adopted));
            continue;
        }
        note_definition(table, Severity::left_out, "check-left-out",
                        fmt::format("table {}, check {}", table.name.display(), name),
                        fmt::format("Its condition has no equal in PostgreSQL: {}.", translation.why_not),
                        "ALTER TABLE … ADD CHECK after the migration.");
    }
}

void Adopter::adopt_indexes(const Table& table, const Table* origin, Table& out) {
    const Table& from = same_engine() || origin == nullptr ? table : *origin;
    const auto add_native = [&](Index index) {
        index.name = relation_name(out.name.schema, index.name);
        add_index(from, std::move(index), out);
    };
    if (same_engine()) {
        std::for_each(table.indexes.begin(), table.indexes.end(), add_native);
        return;
    }
    if (origin != nullptr) {
        for (const Index& index : origin->indexes) {
            if (index_columns_exist(out, index) && !leave_outdated_index(index, *origin, out)) {
                add_native(index);
            }
        }
    }
    for (const Index& index : table.indexes) {
        if (origin != nullptr && find_named(origin->indexes, index.name) != nullptr) {
            continue;
        }
        Index adopted;
        adopted.name = index.name.empty() ? table.name.name + "_idx" : index.name;
        adopted.unique = index.unique;
        adopted.method = "btree";
        bool fits = true;
        for (const IndexPart& part : index.parts) {
            IndexPart to;
            fits = fits && adopt_index_part(table, index, part, out, to);
            adopted.parts.push_back(std::move(to));
        }
        if (fits && !index.predicate.empty()) {
            const Translation translation = translate_condition(m_source, table, out, index.predicate);
            fits = translation.sql.has_value();
            if (fits) {
                adopted.predicate = *translation.sql;
            } else {
                note_definition(
                    table, Severity::left_out, "index-left-out",
                    fmt::format("index {} on {}", index.name, table.name.display()),
                    fmt::format("Its predicate has no equal in PostgreSQL: {}.", translation.why_not),
                    "CREATE INDEX after the migration.");
            }
        }
        if (fits) {
            add_native(std::move(adopted));
        }
    }
}

bool Adopter::adopt_index_part(const Table& table, const Index& index, const IndexPart& part, const Table& to,
                               IndexPart& out) {
    out.descending = part.descending;
    // SQLite sorts NULLs first in ascending order, PostgreSQL last.
    out.nulls_first = !part.descending;
    const std::string object = fmt::format("index {} on {}", index.name, table.name.display());
    if (!part.column.empty()) {
        const Column* from_column = table.find_column(part.column);
        const Column* column = to.find_column(part.column);
        if (column != nullptr && !sortable(*column)) {
            note_definition(table, Severity::left_out, "index-left-out", object,
                            fmt::format("Column {} has a type that PostgreSQL cannot compare.", part.column),
                            "Choose another type for it with --type.");
            return false;
        }
        const std::string collation = !part.collation.empty()  ? part.collation
                                      : from_column != nullptr ? from_column->collation
                                                               : std::string();
        if (column != nullptr && column->type.kind == TypeKind::text && is_nocase(collation)) {
            out.expression = folded(part.column);
        } else {
            out.column = part.column;
        }
        return true;
    }
    const Translation translation = translate_index_key(m_source, table, to, part.expression);
    if (!translation.sql) {
        note_definition(table, Severity::left_out, "index-left-out", object,
                        fmt::format("Its expression has no equal in PostgreSQL: {}.", translation.why_not),
                        "CREATE INDEX after the migration.");
        return false;
    }
    out.expression = *translation.sql;
    return true;
}

}  // namespace migrate::backends::postgresql
