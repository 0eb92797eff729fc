#include <string_view>

#include <migrate/event.hpp>

MIGRATE_NAMESPACE_BEGIN

std::string_view to_string(Phase phase) noexcept {
    switch (phase) {
        case Phase::open:
            return "open";
        case Phase::plan:
            return "plan";
        case Phase::preflight:
            return "preflight";
        case Phase::backup:
            return "backup";
        case Phase::schema:
            return "schema";
        case Phase::load:
            return "load";
        case Phase::build:
            return "build";
        case Phase::verify:
            return "verify";
        case Phase::cutover:
            return "cutover";
        case Phase::done:
            return "done";
    }
    return "unknown";
}

MIGRATE_NAMESPACE_END
