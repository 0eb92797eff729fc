#pragma once

#include <string>

#include <migrate/migration_result.hpp>

namespace migrate::report {

/// What a report says of a run, as a JSON object (doc/report.md). No row values.
std::string describe(const MigrationResult& result);

}  // namespace migrate::report
