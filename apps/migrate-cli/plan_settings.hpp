#pragma once

#include <string>

#include <migrate/audit.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/run_limits.hpp>

#include "settings.hpp"

namespace migrate::cli {

/// What the settings say about a migration or comparison. Throws: Error{usage}.
PlanOptions plan_options(const Settings& settings);

/// What the settings allow a call to take. Throws: Error{usage}.
RunLimits run_limits(const Settings& settings);

/// "table.column=type", "schema.table.column=type:format", parts in double quotes where they hold any of
/// . = " (doubled inside). Throws: Error{usage}.
TypeOverride parse_type_override(const std::string& text);

/// The index of migrations: --state or the default. Throws: Error{usage} where no home directory is known.
std::string state_path(const Settings& settings);

/// The audit trail: --audit or the default, beside the index; empty where none is kept. Throws as state_path.
std::string audit_path(const Settings& settings);
/// Empty where no key is configured.
AuditKeySource audit_key(const Settings& settings);
/// Where backups go: beside the state unless --backup-dir says so. Throws: Error{usage} as state_path.
std::string backup_directory(const Settings& settings);
/// What new backups are encrypted with; none where that is not asked for. Throws: Error{usage}.
BackupKey encrypting_key(const Settings& settings);
/// What encrypted backups are opened with; may be none.
BackupKey opening_key(const Settings& settings);
/// 0 = all. Throws: Error{usage}.
std::uint64_t backups_to_keep(const Settings& settings);

}  // namespace migrate::cli
