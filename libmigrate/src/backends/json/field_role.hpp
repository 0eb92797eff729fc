#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "backends/json/document_options.hpp"
#include "backends/json/field_tree.hpp"

namespace migrate::backends::json {

/// What becomes of a member.
enum class FieldRole : std::uint8_t {
    scalar,         ///< One column of the type that all its values have.
    columns,        ///< An object whose members are columns.
    child_objects,  ///< An array whose objects are rows of a child table.
    child_values,   ///< An array whose values are rows of a child table.
    child_members,  ///< An object whose members are rows of a child table, their keys being data.
    json,           ///< One Json column.
};

/// Columns that a table may get beside those of its members: _id, _parent_id, _index, key; _file, _key.
inline constexpr std::size_t k_synthetic_columns = 5;

/// Decides roles so that no table gets more columns than allowed: the widest objects become Json first.
class FieldRoles {
  public:
    explicit FieldRoles(const DocumentOptions& options) : m_options(options) {}

    /// Looks through all objects of a place. False where their own members are too many to be columns.
    bool fit(const FieldSet& fields);
    FieldRole role(const Field& field) const;
    /// What the rows are that an object's entries become: child_objects or child_values.
    FieldRole entries_role(const ElementProfile& entries) const;
    bool is_folded(const Field& field) const { return m_folded.contains(&field); }

  private:
    std::size_t count_columns(const FieldSet& fields) const;
    std::size_t count_columns(const Field& field) const;
    const Field* widest(const FieldSet& fields) const;

    const DocumentOptions& m_options;
    std::set<const Field*> m_folded;
    std::set<const ElementProfile*> m_plain_entries;
};

}  // namespace migrate::backends::json
