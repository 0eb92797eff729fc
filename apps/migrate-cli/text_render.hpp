#pragma once

#include <optional>
#include <string>
#include <vector>

#include <migrate/migrator.hpp>

namespace migrate::cli {

/// Columns set under each other, two spaces between; every cell is made printable.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

std::string text_of(const CheckReport& report);
std::string text_of(const std::optional<MigrationRecord>& record);
std::string text_of(const std::vector<MigrationRecord>& records);

/// "  what" and "    next: …" for each finding, the heavier first.
std::string text_of(const std::vector<Finding>& findings);

}  // namespace migrate::cli
