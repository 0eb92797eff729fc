#pragma once

#include <optional>
#include <string>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

namespace migrate::cli {

/// What --json prints, one document each. Their members are described in libmigrate/doc/usage.md.
/// `values`: with those of rows that differ.
std::string json_of(const MigrationResult& result, const MigrationPlan* plan, const std::string& command,
                    bool values);
std::string json_of(const RollbackResult& result);
std::string json_of(const RollbackRehearsal& rehearsal);
std::string json_of(const DeadLetterRetry& retry);
std::string json_of(const VerificationReport& report, bool values);
std::string json_of(const DiffReport& report);
std::string json_of(const CheckReport& report);
std::string json_of(const std::optional<MigrationRecord>& record);
std::string json_of(const std::vector<MigrationRecord>& records);

/// An operation that ended with an error, and what was in the way where preflight refused it.
std::string json_of(const Error& error, int exit_code, const std::string& command,
                    const std::vector<Finding>& findings = {});

}  // namespace migrate::cli
