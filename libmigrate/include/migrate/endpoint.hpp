#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// One side of a migration: which engine and where. A plain value without secrets, safe to store and show:
/// passwords reach a backend only through the CredentialProvider.
///
/// Spellings understood by parse_endpoint:
///   sqlite:app.db, sqlite:///abs/path.db     a SQLite file (percent-encoding in the path is undone)
///   postgresql://user@host:port/db?schema=a&sslmode=…, postgres://…, pg:conninfo key=value pairs
///   json:dir/, json:file.json?root=/a&layout=documents&nested=json
///   a bare path: its kind is told by its content, or for a target by its name (.db .sqlite .json .ndjson or
///   "/")
struct MIGRATE_EXPORT Endpoint {
    std::string engine;  ///< "sqlite", "postgresql", "json".
    std::string
        location;  ///< File or directory path; for PostgreSQL a libpq conninfo string without password.
    std::map<std::string, std::string>
        options;                     ///< schema, layout, nested, root, key, max-nesting, max-columns…
    std::shared_ptr<void> borrowed;  ///< A host's own session (migrate/soci.hpp); never owned here.

    /// For people and records: never holds a password.
    [[nodiscard]] std::string display() const;
    [[nodiscard]] std::string option(const std::string& name, const std::string& fallback = {}) const;
};

/// Throws: Error{usage} with the ways on, for a password in the URI unless allow_password, for an unknown
/// scheme, for a path whose kind cannot be told.
/// password_out receives a password that was in the text and allowed; it is not kept in the Endpoint.
MIGRATE_EXPORT Endpoint parse_endpoint(const std::string& text, bool is_target, bool allow_password = false,
                                       std::string* password_out = nullptr);

/// Hands out secrets when a backend needs one; called on the thread that opens a session.
class MIGRATE_EXPORT CredentialProvider {
  public:
    virtual ~CredentialProvider() = default;
    /// The password for this endpoint, or nullopt to let the driver look where it usually does
    /// (libpq: PGPASSWORD, passfile, service file).
    virtual std::optional<std::string> password(const Endpoint& endpoint) = 0;
};

MIGRATE_NAMESPACE_END
