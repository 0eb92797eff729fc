#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backends/json/document_options.hpp"
#include "backends/json/field_tree.hpp"
#include "backends/json/object_shape.hpp"
#include "backends/json/record_stream.hpp"

namespace migrate::backends::json {

/// Records that make one table and the tables of what is nested in them.
struct Collection {
    std::string table;
    std::vector<RecordSpec> parts;
    bool has_file_column = false;
    bool is_keyed = false;
};

/// What profiling all records of a collection found.
struct CollectionProfile {
    FieldSet members;
    std::uint64_t records = 0;
    bool all_objects = true;
    bool has_duplicate_keys = false;
    std::string key;        ///< The member that can be the primary key; empty if none.
    bool is_sorted = true;  ///< The records stand in the order of their keys (of that member, or made ones).
};

/// Which column a member of an object goes to, and what to look for inside it.
struct MemberTree {
    struct Entry {
        std::string key;
        std::optional<std::size_t> column;  ///< Of the table.
        std::unique_ptr<MemberTree> below;
    };
    std::vector<Entry> entries;
    std::unordered_map<std::string, std::size_t> by_key;

    Entry& add(const std::string& key);
    const Entry* find(std::string_view key, std::size_t expected) const;
};

/// What the rows of a table are. A table whose keys are data says so in its property "json_members".
enum class RowSource : std::uint8_t {
    records,
    elements,  ///< Of an array.
    members,   ///< Of an object: each one a row with its key and value ("all" or "rest").
};

/// One table and where in the documents its rows are.
struct TableShape {
    Table table;
    std::size_t collection = 0;
    std::optional<std::size_t> parent;  ///< Index of the parent's shape; none for the records themselves.
    RowSource rows_are = RowSource::records;
    std::vector<std::string>
        array_path;  ///< Members that lead from the parent's object to the array or object.
    /// Of RowSource::members: the keys that are no rows, being columns or tables of the parent.
    std::unordered_set<std::string> other_members;
    std::vector<std::pair<Synthetic, std::size_t>> synthetic;  ///< With their columns.
    MemberTree members;
    std::string natural_key;  ///< Member that is the primary key; empty where an _id is made.
    std::uint64_t rows = 0;
    std::vector<MemberShape> object;  ///< The same members as documents have them, child tables included.
    std::string rest;                 ///< The child table of the object's other members; empty if none.
    bool has_positions = false;       ///< The rows' order cannot be told from their keys.
    bool is_irregular = false;        ///< Some row has them in another way than the object's shape says.
};

/// The value of a member of an object; the object's end if there is none.
Document::Index find_member(const Document& document, Document::Index object, std::string_view key);

/// The place in an object's text where its rows begin or go on: walks over the elements of an array, or over
/// those members of an object that are rows.
class RowItems {
  public:
    /// Whether to begin at the parent's row or at the array or object itself.
    enum class At : std::uint8_t { parent, place };
    /// Nothing to walk over where the shape's rows are not there.
    RowItems(const Document& document, Document::Index from, const TableShape& shape, At at = At::parent);

    bool at_end() const { return m_item == m_end; }
    void next(const Document& document);
    /// The row's value.
    Document::Index node() const { return m_are_members ? m_item + 1 : m_item; }
    /// Of RowSource::members.
    Document::Index key() const { return m_item; }
    /// Position in the array or object, what is no row counted too.
    std::uint64_t index() const { return m_index; }

  private:
    void skip_others(const Document& document);

    Document::Index m_item = 0;
    Document::Index m_end = 0;
    std::uint64_t m_index = 0;
    bool m_are_members = false;
    const TableShape* m_shape = nullptr;
};

/// Gives tables and columns names of their own, also where case does not count.
class UniqueNames {
  public:
    /// The name made safe (no control characters, not empty), with _2, _3… behind it where it is taken.
    std::string assign(const std::string& name);

  private:
    std::set<std::string> m_taken;
};

/// Decides the tables of one collection after all of it was profiled, and appends them to `shapes`, parents
/// first. Findings: columns of mixed values, objects too wide to be columns.
void build_shapes(const Collection& collection, std::size_t index, const CollectionProfile& profile,
                  const DocumentOptions& options, UniqueNames& table_names, std::vector<TableShape>& shapes,
                  std::vector<Finding>& findings);

}  // namespace migrate::backends::json
