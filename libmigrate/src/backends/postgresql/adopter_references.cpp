#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"

namespace migrate::backends::postgresql {
namespace {

bool is_number(const Column& column) {
    return column.type.kind == TypeKind::int16 || column.type.kind == TypeKind::int32 ||
           column.type.kind == TypeKind::int64 || column.type.kind == TypeKind::decimal;
}

/// Whether a key or an index of the table lets no two rows have the same in these columns.
bool is_unique(const Table& table, const std::vector<std::string>& columns) {
    const auto same = [&](const std::vector<std::string>& others) {
        return others.size() == columns.size() &&
               std::is_permutation(others.begin(), others.end(), columns.begin());
    };
    const auto is_key = [&](const Key& key) { return same(key.columns); };
    const auto is_index = [&](const Index& index) {
        std::vector<std::string> parts;
        for (const IndexPart& part : index.parts) {
            parts.push_back(part.column);
        }
        return index.unique && index.predicate.empty() && same(parts);
    };
    return (table.primary_key && is_key(*table.primary_key)) ||
           std::any_of(table.unique_keys.begin(), table.unique_keys.end(), is_key) ||
           std::any_of(table.indexes.begin(), table.indexes.end(), is_index);
}

bool same_reference(const ForeignKey& a, const ForeignKey& b) {
    return a.columns == b.columns && a.referenced_table.name == b.referenced_table.name;
}

/// The foreign keys of a table that came from PostgreSQL, as they were there: those that it still has, and
/// those that it cannot have had since, because no other engine can say them.
std::vector<ForeignKey> restored_keys(const Table& table, const Table& origin) {
    std::vector<ForeignKey> keys;
    for (const ForeignKey& key : table.foreign_keys) {
        ForeignKey& restored = keys.emplace_back(key);
        for (const ForeignKey& before : origin.foreign_keys) {
            if (same_reference(before, key)) {
                restored = before;
                restored.referenced_table = key.referenced_table;
            }
        }
    }
    for (const ForeignKey& before : origin.foreign_keys) {
        const bool there = std::any_of(keys.begin(), keys.end(),
                                       [&](const ForeignKey& key) { return same_reference(before, key); });
        if (!there && !before.set_columns.empty()) {
            keys.push_back(before);
        }
    }
    return keys;
}

}  // namespace

void Adopter::adopt_foreign_keys() {
    for (std::size_t i = 0; i < m_source.tables.size(); ++i) {
        const Table& table = m_source.tables[i];
        const TableOrigin* origin = same_engine() ? nullptr : table.origin_on("postgresql");
        const bool recorded = origin != nullptr && origin->table != nullptr && !origin->reshaped;
        for (const ForeignKey& key : recorded ? restored_keys(table, *origin->table) : table.foreign_keys) {
            adopt_foreign_key(table, key, m_adoption.schema.tables[i]);
        }
    }
}

void Adopter::adopt_foreign_key(const Table& table, ForeignKey key, Table& out) {
    if (key.referenced_table.schema.empty()) {
        key.referenced_table.schema = m_default_schema;
    }
    key.name = constraint_name(
        out, key.name.empty() ? fmt::format("{}_{}_fkey", table.name.name, fmt::join(key.columns, "_"))
                              : key.name);
    const std::string object = fmt::format("foreign key {} of {}", key.name, table.name.display());
    const auto refuse = [&](const std::string& why) {
        note_definition(table, Severity::left_out, "foreign-key-left-out", object, why,
                        "Add the key after the migration.");
    };
    const Table* parent = m_adoption.schema.find_table(key.referenced_table);
    if (parent == nullptr) {
        refuse(
            fmt::format("The table {} that it references is not migrated.", key.referenced_table.display()));
        return;
    }
    if (key.referenced_columns.empty() && parent->primary_key) {
        key.referenced_columns = parent->primary_key->columns;
    }
    if (key.referenced_columns.size() != key.columns.size() || !is_unique(*parent, key.referenced_columns)) {
        refuse(fmt::format("What it references in {} is not unique there.", key.referenced_table.display()));
        return;
    }
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        const Column* from = out.find_column(key.columns[i]);
        const Column* to = parent->find_column(key.referenced_columns[i]);
        if (from == nullptr || to == nullptr) {
            refuse("It names a column that does not exist.");
            return;
        }
        if (from->type.kind != to->type.kind && !(is_number(*from) && is_number(*to))) {
            refuse(fmt::format("Column {} is {} and what it references is {}.", from->name, from->native_type,
                               to->native_type));
            return;
        }
    }
    if (key.match == "PARTIAL") {
        key.match.clear();
    }
    out.foreign_keys.push_back(std::move(key));
}

}  // namespace migrate::backends::postgresql
