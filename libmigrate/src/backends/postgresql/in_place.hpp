#pragma once

#include <string>
#include <vector>

#include "backend/target.hpp"
#include "session/postgresql_session.hpp"

/// What stands in its final place from the start, because it could not be moved there: extensions, whose
/// members columns need at once, and range types, whose constructor functions only a superuser may move.
/// Recorded, so that abandoning drops them.
namespace migrate::backends::postgresql {

/// Makes the schemas that they need and the extensions; the types come with the staging tables. Inside
/// begin()'s transaction.
void prepare_in_place(session::PostgresqlSession& session, const backend::TargetPlan& plan);

/// What stands there before the cutover already, though it goes with the migration. Extensions stay, and so
/// do the schemas that were made for them.
struct MadeInPlace {
    std::vector<std::string> types;    ///< Range types, quoted.
    std::vector<std::string> schemas;  ///< As they are.
};
/// Empty where nothing is recorded.
MadeInPlace made_in_place(session::PostgresqlSession& session, const std::string& migration);

/// Drops what the migration made and nothing has come to need meanwhile. Inside abandon()'s transaction.
void drop_in_place(session::PostgresqlSession& session, const std::string& migration);

}  // namespace migrate::backends::postgresql
