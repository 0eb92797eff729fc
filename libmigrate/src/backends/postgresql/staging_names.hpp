#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include <migrate/schema.hpp>

namespace migrate::backends::postgresql {

/// Where the things of a migration are until its cutover: each destination schema has a staging schema of its
/// own, in which everything has its final name.
class StagingNames {
  public:
    StagingNames() = default;
    StagingNames(const std::string& migration, const Schema& schema);

    [[nodiscard]] const std::map<std::string, std::string>& schemas() const noexcept { return m_schemas; }
    /// The staged name of what will be `name`; unchanged if nothing of that schema is staged.
    [[nodiscard]] QualifiedName staged(const QualifiedName& name) const;
    /// The SQL with every qualified name of a type that is staged pointing to where it is now. Strings and
    /// dollar-quoted bodies stay.
    [[nodiscard]] std::string rewrite(std::string_view sql) const;

  private:
    std::map<std::string, std::string> m_schemas;
    std::set<QualifiedName> m_types;
};

/// True for kinds of SchemaObject that are types, made before the tables.
bool is_type_kind(std::string_view kind) noexcept;

}  // namespace migrate::backends::postgresql
