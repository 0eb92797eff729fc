#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/schema.hpp>

namespace migrate::mapping {

/// "views" and "View" are view, "virtual-tables" is virtual table: the kinds as SchemaObject spells them.
std::string object_kind(std::string_view spelled);

/// True when the name (with its schema, or without) matches one of the globs (* and ?).
bool matches_any(const QualifiedName& name, const std::vector<std::string>& globs);

/// Whether an entry of a mapping takes this column of its table along.
bool is_column_kept(const TableMapping& entry, const std::string& column);

/// Whether the user's tables and exclude lists, and those of the mapping, take this table along.
bool is_selected(const QualifiedName& name, const PlanOptions& options);
/// The same, to be asked of names later.
std::function<bool(const QualifiedName&)> selection_of(const PlanOptions& options);

/// Takes out what the user excluded: tables, and with them foreign keys to them; and by `skip` indexes,
/// foreign keys, checks and comments. Each is told as a finding of severity excluded. `not_read`: tables that
/// are left out already.
void apply_selection(const PlanOptions& options, Schema& schema, std::vector<Finding>& findings,
                     const std::vector<QualifiedName>& not_read = {});

/// The record of where the tables come from, without what is skipped of them: it would come back from there.
std::shared_ptr<const Schema> skip_in_record(const std::vector<std::string>& skip,
                                             const std::shared_ptr<const Schema>& record);

/// A record that is written on, without the objects that are skipped; it says which names are gone.
std::shared_ptr<const Schema> without_skipped(const std::vector<std::string>& skip,
                                              const std::shared_ptr<const Schema>& record);

/// True when the key's columns lead the primary key, a unique key or a full index of their table.
bool has_leading_index(const Table& table, const std::vector<std::string>& columns);

/// Gives each foreign key without an index one, named after table and columns.
void index_foreign_keys(Schema& schema, std::vector<Finding>& findings);

/// A risk for each foreign key without an index.
void report_foreign_keys_without_index(const Schema& schema, std::vector<Finding>& findings);

}  // namespace migrate::mapping
