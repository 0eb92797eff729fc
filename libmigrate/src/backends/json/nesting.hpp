#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

namespace migrate::backends::json {

/// A table's properties where its rows stand inside those of another: by which of its foreign keys (its place
/// in the list), and in which member of the parent's object. Persisted in manifests; do not change.
inline constexpr const char* k_nested_by_property = "json_nested_by";
inline constexpr const char* k_member_property = "json_member";

/// One table as a part of nested documents.
struct NestNode {
    std::optional<std::size_t> parent;  ///< All by index into the schema's tables.
    std::vector<std::size_t> children;
    std::string member;                   ///< Of the parent's object: an array of this table's rows.
    std::vector<std::size_t> columns;     ///< Of the foreign key; not said in a row that is nested.
    std::vector<std::size_t> referenced;  ///< Of the parent, in the same order.
};

/// What --nest says: "track:album,customer:-" puts the rows of track into those of album, and customer's
/// nowhere. Throws: Error{usage} for text of another form.
struct NestWish {
    std::string table;
    std::string parent;  ///< Empty: nowhere.
};
std::vector<NestWish> parse_nest_wishes(std::string_view text);

/// Decides for each table by which foreign key its rows stand inside those of another, at most one, and sets
/// the properties. Candidates are keys whose values say exactly one row of the parent. The strongest bond
/// comes first: what was wished, the beginning of the child's primary key, ON DELETE CASCADE, any other; of
/// equals the one whose column comes first. A table never stands, by any way, inside itself, nor deeper than
/// `most_levels`. Findings: each decision and why; wishes that cannot be followed (blocker).
void choose_nesting(Schema& schema, const std::vector<NestWish>& wishes, std::size_t most_levels,
                    std::vector<Finding>& findings);

/// What the properties say, one node for each table. Throws: Error{malformed} where that is no tree.
std::vector<NestNode> nest_tree(const std::vector<const Table*>& tables);

/// The column of that name, if its values are written.
std::optional<std::size_t> copied_column(const Table& table, const std::string& name);
/// Of a foreign key: the primary key's where it names none.
std::vector<std::string> referenced_columns(const ForeignKey& key, const Table& parent);

/// From the table at the top to the one given.
std::vector<std::size_t> chain_to(const std::vector<NestNode>& nodes, std::size_t node);

}  // namespace migrate::backends::json
