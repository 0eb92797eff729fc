#include "support/leg.hpp"

#include <exception>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

namespace migrate::test {

Leg migrate_once(const Endpoint& from, const Endpoint& to, const PlanOptions& options) {
    Leg leg;
    try {
        CrossDatabaseMigrator migrator{MigratorConfig{}};
        leg.plan = migrator.plan_migration({from}, {to}, options);
        leg.refused = !leg.plan.executable();
        if (!leg.refused) {
            leg.result = migrator.execute_migration(leg.plan);
        }
    } catch (const Error& error) {
        leg.error = to_string(error.code()) + ": " + error.what();
    } catch (const std::exception& error) {
        leg.error = std::string("no error of the library's own: ") + error.what();
    }
    return leg;
}

}  // namespace migrate::test
