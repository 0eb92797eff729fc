#pragma once

#include <vector>

#include <migrate/finding.hpp>

#include "backend/recorded_things.hpp"
#include "backend/target.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Blockers for staging again: what others have made or changed since on the tables that would go back, or
/// what of theirs depends on those that replaced others. It would follow them into staging, where the next
/// cutover does not know of it and abandoning drops it. `now`: as it is before anything is undone.
std::vector<Finding> made_since(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                                const backend::RecordedThings& recorded, const backend::Things& now);

}  // namespace migrate::backends::postgresql
