#pragma once

#include <string>
#include <vector>

#include <migrate/schema.hpp>
#include <migrate/verification.hpp>

namespace migrate::verify {

/// A key, check, index, view… in words that are equal where it is the same.
struct DescribedObject {
    std::string label;   ///< "index album_artist_idx"; for people.
    std::string anchor;  ///< Equal anchors are two versions of one thing.
    std::string text;    ///< Everything that counts.
};

/// How the names of one table's columns and of referenced tables are said on the other side.
struct Dictionary {
    const Table* own = nullptr;    ///< Null: names stay.
    const Table* other = nullptr;  ///< The counterpart of `own`.
    const Schema* schema = nullptr;
    const std::vector<const Table*>* counterparts = nullptr;  ///< Per table of `schema`.

    [[nodiscard]] std::string column(const std::string& name) const;
    [[nodiscard]] std::string table(const QualifiedName& name) const;
    [[nodiscard]] std::string column_of(const QualifiedName& table, const std::string& name) const;
};

/// Keys (a unique index over plain columns does what a unique key does), foreign keys, checks and indexes of
/// a table.
std::vector<DescribedObject> describe_constraints(const Schema& schema, const Table& table,
                                                  const Dictionary& words, bool with_expressions);

/// Views, triggers, functions, types… of a schema.
std::vector<DescribedObject> describe_objects(const Schema& schema, bool with_definitions);

/// What one list has and the other has not, and what is not the same in both. `prefix` comes before labels.
void match_objects(const std::string& prefix, std::vector<DescribedObject> expected,
                   std::vector<DescribedObject> found, bool whole, std::vector<SchemaDifference>& out);

/// The column of this name; else the one that differs by case only; nullptr if there is none.
const Column* find_column_any_case(const Table& table, const std::string& name);

}  // namespace migrate::verify
