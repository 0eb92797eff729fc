#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>

#include "backend/target.hpp"

/// What target and index know of one migration.
namespace migrate {

/// It was begun, and has not come to an end.
bool is_unfinished(MigrationState state) noexcept;

/// The plan that a target has recorded. Throws: Error{corrupt} where it is not one any more.
MigrationPlan plan_of(const backend::RecordedMigration& recorded);

/// Throws: Error{corrupt} where a server says that a migration is done, and has not the tables that it made.
void require_shown(backend::Target& target, const backend::RecordedMigration& recorded);

/// Nullopt where the target knows nothing of it.
std::optional<backend::RecordedMigration> recorded_by(backend::Target& target, const std::string& id);

/// The target's word before the index's; empty where neither knows it. Nothing is recorded of documents, nor
/// of a new file that was taken away again.
std::string state_of(const std::optional<backend::RecordedMigration>& recorded,
                     const std::optional<MigrationState>& indexed);

/// Throws: Error{refused}, or Error{not_found} for an empty state, unless the state is one of those allowed.
/// `to` completes "cannot ".
void require_state(const std::string& id, const std::string& state,
                   std::initializer_list<std::string_view> allowed, const std::string& to,
                   const std::string& next_step);

/// For a cutover: the plan as it is recorded by then, with what that step leaves.
backend::Account account_of(MigrationPlan plan);

/// Of rows that a migration left out, or took a value from; codes are stable.
inline constexpr const char* k_rows_rejected = "rows-rejected";
Finding rows_rejected(const std::string& id, const std::string& table, std::uint64_t rejected,
                      std::uint64_t nulled);

}  // namespace migrate
