#pragma once

#include <span>
#include <string_view>

namespace migrate::session {
class SqliteSession;
}

namespace migrate::state {

/// Tells an index of migrations from any other SQLite file (PRAGMA application_id): "MIGS". Do not change.
inline constexpr int k_application_id = 0x4D494753;

/// Every version of the index in order; the n-th script leads from version n−1 to version n.
[[nodiscard]] std::span<const std::string_view> schema_versions();

/// Brings the file to the last version, in one transaction that other commands wait for. Throws:
/// Error{refused} for a database that is something else, Error{unsupported} for one of a later version.
void upgrade_schema(session::SqliteSession& session, std::span<const std::string_view> versions);

/// True when the file is of the last version; throws as upgrade_schema. Writes nothing.
[[nodiscard]] bool is_current(session::SqliteSession& session, std::span<const std::string_view> versions);

}  // namespace migrate::state
