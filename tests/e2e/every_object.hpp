#pragma once

#include <memory>
#include <string>

#include "support/pg.hpp"

namespace migrate::test {

/// The text of a script of tests/e2e/sql.
std::string script(const std::string& name);

/// Runs one, statement by statement, as a role; empty: as the test's.
void run_script(const PgDatabase& database, const std::string& name, const std::string& role = {});

/// A role that may log in, unless there is one.
void make_role(const std::string& name);

/// A database with one of everything that is no code (sql/every_object.sql); nullptr where no cluster is
/// there.
std::unique_ptr<PgDatabase> make_objects();

}  // namespace migrate::test
