#include "backends/json/claimed_key.hpp"

#include <algorithm>
#include <utility>

#include "util/human.hpp"

namespace migrate::backends::json {

namespace {

using Kind = backend::BuildStep::Kind;

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

// SQLite lets NULL into primary keys of some tables, and says so by the columns.
bool are_set(const Table& table, const Key& key) {
    return std::none_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) {
        const Column* column = table.find_column(name);
        return column == nullptr || column->nullable;
    });
}

Violators none_in(const std::string& directory) {
    Violators none{0, SortedSpill(directory)};
    none.ordinals.finish();
    return none;
}

}  // namespace

std::vector<ClaimedKey> claimed_keys(const Table& table) {
    std::vector<ClaimedKey> keys;
    if (const auto& key = table.primary_key) {
        keys.push_back({Kind::primary_key, 0, "primary key (" + joined(key->columns) + ")", key->columns,
                        key->collations, false, are_set(table, *key)});
    }
    for (std::size_t i = 0; i < table.unique_keys.size(); ++i) {
        const Key& key = table.unique_keys[i];
        keys.push_back({Kind::unique_key, i, "unique key (" + joined(key.columns) + ")", key.columns,
                        key.collations, false, false});
    }
    for (std::size_t i = 0; i < table.indexes.size(); ++i) {
        const Index& index = table.indexes[i];
        if (!index.unique) {
            continue;
        }
        ClaimedKey key{Kind::index, i, "unique index " + index.name, {}, {}, index.nulls_not_distinct, false};
        for (const IndexPart& part : index.parts) {
            key.columns.push_back(part.column);
            key.collations.push_back(part.collation);
        }
        keys.push_back(std::move(key));
    }
    return keys;
}

std::optional<BrokenKey> find_broken(const TableRows& rows, const ClaimedKey& key,
                                     const std::string& directory) {
    KeyReader reader(rows.table, key.columns, key.collations, rows.open);
    if (!reader.has_columns()) {
        return std::nullopt;
    }
    Violators unset = key.forbids_nulls ? find_nulls(reader, directory) : none_in(directory);
    if (key.nulls_are_values) {
        reader.take_nulls_for_values();
    }
    return BrokenKey{std::move(unset), find_duplicates(reader, directory)};
}

KeySides sides_of(const ForeignKey& key, const Table& rows, const Table& others) {
    std::vector<std::string> columns = key.referenced_columns;
    if (columns.empty() && others.primary_key) {
        columns = others.primary_key->columns;
    }
    // Of both sides it is the one referred to that says how values are compared.
    std::vector<std::string> collations;
    for (const std::string& name : columns) {
        const Column* column = others.find_column(name);
        collations.push_back(column == nullptr || column->collation.empty() ? "BINARY" : column->collation);
    }
    KeyText here(rows, key.columns, collations);
    return {std::move(columns), std::move(collations), std::move(here)};
}

Violators find_orphans(const TableRows& rows, const ForeignKey& key, const TableRows& others,
                       const std::string& directory) {
    const KeySides sides = sides_of(key, rows.table, others.table);
    const KeyReader there(others.table, sides.columns, sides.collations, others.open);
    const KeyReader here(rows.table, key.columns, sides.collations, rows.open);
    const bool are_comparable =
        sides.columns.size() == key.columns.size() && here.has_columns() && there.has_columns();
    return are_comparable ? find_orphans(here, there, directory) : none_in(directory);
}

std::string orphans_text(std::uint64_t rows, const ForeignKey& key) {
    return util::human_rows(rows, "points", "point") + " to rows of " + key.referenced_table.display() +
           " that are not there";
}

}  // namespace migrate::backends::json
