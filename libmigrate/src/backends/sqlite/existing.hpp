#pragma once

#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backend/backend.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// The tables of these names as the file has them, their columns read as their declarations and values say,
/// with exact row counts and what is in the way of loading into them and of replacing them.
Schema read_existing(const std::string& path, const backend::OpenContext& context,
                     const std::vector<QualifiedName>& names);

/// Inside the cutover's transaction. Throws: Error{refused} for a table whose definition, index or trigger is
/// not what it was when the plan was made.
void refuse_changes(const session::SqliteSession& session, const Schema& planned);

}  // namespace migrate::backends::sqlite
