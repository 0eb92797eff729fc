#pragma once

#include <migrate/migrator.hpp>

namespace migrate::cli {

class Run;

/// Makes sure, before anything is begun, that the report which --report asks for can be written, and signed
/// where it has to be: at level forensic. `level`: of the run; null where it is not known, as of one that is
/// gone on with: its report is then signed where a key is given, and else says that it is not.
/// Throws: Error{usage, not_found, permission, refused, malformed}.
void require_report(Run& run, const VerificationLevel* level);

/// Writes the report, where one was asked for; before the result is printed, which gets a finding where it
/// could not be written: what was migrated is migrated all the same.
void write_report_of(Run& run, MigrationResult& result);

}  // namespace migrate::cli
