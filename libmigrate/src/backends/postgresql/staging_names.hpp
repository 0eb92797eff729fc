#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <migrate/schema.hpp>

namespace migrate::backends::postgresql {

/// Where the things of a migration are until its cutover. With schemas of its own, each destination schema
/// has a staging schema in which everything has its final name. Without them (the role may create none), all
/// of it is in its destination already, under names that begin with prefix().
class StagingNames {
  public:
    enum class Place : std::uint8_t { schemas, prefixes };

    StagingNames() = default;
    StagingNames(const std::string& migration, const Schema& schema, Place place = Place::schemas);

    [[nodiscard]] Place place() const noexcept { return m_place; }
    /// Destination schema → where its things are staged: the same schema where Place is prefixes.
    [[nodiscard]] const std::map<std::string, std::string>& schemas() const noexcept { return m_schemas; }
    /// What every staged name begins with where Place is prefixes: "_migrate_1f2e_".
    [[nodiscard]] const std::string& prefix() const noexcept { return m_prefix; }
    /// The staged name of what will be `name`; unchanged if nothing of that name is staged.
    [[nodiscard]] QualifiedName staged(const QualifiedName& name) const;
    /// The SQL with every qualified name of a type, row type or collation that is staged pointing to where it
    /// is now. Strings and dollar-quoted bodies stay.
    [[nodiscard]] std::string rewrite(std::string_view sql) const;
    /// The types, row types and collations of the migration that the SQL names, by their final names.
    [[nodiscard]] std::set<QualifiedName> mentioned(std::string_view sql) const;
    /// Final name → staged name of every relation, type and collation; empty where Place is schemas.
    [[nodiscard]] const std::map<QualifiedName, std::string>& names() const noexcept { return m_names; }

    /// Columns that get their own type at the cutover only (staged_type.hpp), and which: by table and column.
    using LateTypes = std::map<std::pair<QualifiedName, std::string>, std::string>;
    [[nodiscard]] const LateTypes& late_types() const noexcept { return m_late_types; }

  private:
    void add(const QualifiedName& name, bool in_sql);

    std::string m_migration;
    std::string m_prefix;
    Place m_place = Place::schemas;
    std::map<std::string, std::string> m_schemas;
    std::map<QualifiedName, std::string> m_names;
    std::set<QualifiedName> m_types;     ///< What SQL may name.
    std::set<QualifiedName> m_in_place;  ///< Range types, which are never anywhere else (in_place.hpp).
    LateTypes m_late_types;
};

/// True for kinds of SchemaObject that are types, made before the tables.
bool is_type_kind(std::string_view kind) noexcept;
/// True for all that is made before the tables and moved with them: types, collations and sequences.
bool is_staged_kind(std::string_view kind) noexcept;

/// The multirange type that a range type brings along.
std::optional<QualifiedName> multirange_of(const SchemaObject& object);
/// The sequence behind an identity or serial column.
QualifiedName sequence_of(const Table& table, const Column& column);

}  // namespace migrate::backends::postgresql
