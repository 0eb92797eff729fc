#pragma once

#include <memory>
#include <string>

#include <migrate/migrator.hpp>

#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// A target that an application has made and filled, looked at by plain driver calls.
namespace migrate::test {

class ApplicationTarget {
  public:
    virtual ~ApplicationTarget() = default;
    [[nodiscard]] virtual Endpoint endpoint() const = 0;
    virtual void exec(const std::string& sql) = 0;
    virtual std::string value(const std::string& sql) = 0;
    /// Definitions, privileges, sequences and all rows, this library's own left aside; one text.
    virtual std::string everything() = 0;
};

/// Null where there is no server.
std::unique_ptr<ApplicationTarget> make_application_target(const std::string& engine,
                                                           const TemporaryDirectory& directory);

/// A SQLite file with `sql` run on it.
Endpoint source_file(const TemporaryDirectory& directory, const std::string& sql);

MigrationResult migrate_into(const Endpoint& from, const Endpoint& to, const PlanOptions& options);

}  // namespace migrate::test
