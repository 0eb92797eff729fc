#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/schema.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

struct RollbackOptions {
    bool execute = false;  ///< False: say what would be done, and write nothing.
    /// Undo although rows were changed since the migration. What was created or put in another's place is
    /// dropped with those changes; in tables that were loaded, only the rows of the migration are undone.
    bool discard_later_changes = false;
};

/// One table's way back.
struct RolledBackTable {
    std::string table;
    Placement placement = Placement::create;
    std::uint64_t rows_before = 0;  ///< Before the migration; 0 where there was no table.
    std::uint64_t rows_after = 0;   ///< When the migration had ended.
    std::uint64_t rows_now = 0;     ///< When the rollback began.
    bool changed_since = false;     ///< Its rows are not those that the migration left.
    std::string digest_before;      ///< Of the rows before the migration; empty where there was no table.
    std::string digest_restored;    ///< Of the rows after the rollback; empty in a dry run.
    bool proven = false;            ///< Both are equal, or the table that was not there is gone.
};

/// How a rollback ended. One that did not end so throws and leaves the target as it was.
struct RollbackResult {
    std::string id;
    bool executed = false;
    bool was_rolled_back = false;  ///< Somebody had done it already; nothing was left to do.
    std::vector<RolledBackTable> tables;
    std::vector<std::string> steps;  ///< What was done, or would be, one line each.
    std::vector<Finding> findings;   ///< A blocker: what is in the way.
    std::string audit_head;          ///< Its last line in the audit trail, as AuditHead::text().

    /// 0; 3 where something is in the way; 4 where a table could not be proven to be as it was.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

MIGRATE_EXPORT std::string render_text(const RollbackResult& result);

MIGRATE_NAMESPACE_END
