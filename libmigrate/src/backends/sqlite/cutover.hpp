#pragma once

#include <string>
#include <vector>

#include "backend/target.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

struct Shown {
    std::vector<Finding> findings;
    std::vector<backend::MergedTable> merged;
};

/// Gives a finished staging file the target's name. `checked`: this process has checked its pages. Throws:
/// Error{exists} if something has that name by now, Error{corrupt}.
void show_new_file(const std::string& staging, const std::string& target, const backend::TargetPlan& plan,
                   const backend::Account& account, bool checked);

/// Copies or merges the staged tables into a target that exists, in one transaction, and removes the staging
/// file. Other programs may have the target open: its file stays the same one. Throws: Error{transient} when
/// its lock could not be had, Error{exists} when a table has come to be there meanwhile.
Shown copy_into_file(const std::string& staging, const std::string& target, const backend::TargetPlan& plan,
                     const backend::Account& account, unsigned busy_timeout_ms);

/// Sets what AUTOINCREMENT hands out next: never less than the plan's value or the greatest number in the
/// table.
void set_sequence(const session::SqliteSession& session, const Table& table);

}  // namespace migrate::backends::sqlite
