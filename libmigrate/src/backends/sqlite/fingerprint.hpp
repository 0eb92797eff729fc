#pragma once

#include <string>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Text that changes whenever the database's content does: size, change counter and schema cookie of the main
/// file, and salts, committed frames and last checksum of the write-ahead log. Also changes when a checkpoint
/// merely moves frames. Empty for a database without a file. Reads through SQLite's own descriptors.
std::string fingerprint_of(const session::SqliteSession& session);

}  // namespace migrate::backends::sqlite
