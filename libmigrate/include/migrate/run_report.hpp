#pragma once

#include <string>

#include <migrate/export.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// A report says of one run what was moved, and how it was made sure of: both sides, the plan's digest, every
/// table's digests and every chunk's, rules, findings, times, the head of the audit trail. It is JSON, and
/// its last line is a signature (Ed25519) of all bytes before that line, or says that there is none. Never
/// holds row values or secrets. The format: doc/report.md.

/// Makes a pair of keys for reports: the secret one in a new file that only its owner can read, the public
/// one beside it, with ".pub" behind its name. Returns the public key, 64 hexadecimal digits.
/// Throws: Error{exists} where one of the files is there already; Error{io, permission}.
MIGRATE_EXPORT std::string create_report_key(const std::string& path);

/// Makes sure, before a run, that a report can be signed with the key in that file. Throws: Error{not_found,
/// permission}; Error{refused} for a file that others can read; Error{malformed} for one that is no key.
MIGRATE_EXPORT void require_report_key(const std::string& path);

/// The report of a run, signed with the key in that file; without one where the path is empty. Throws: as
/// require_report_key().
MIGRATE_EXPORT std::string render_report(const MigrationResult& result, const std::string& key_path = {});

/// Writes a new file that only its owner can read; durable on return. Throws: Error{exists, io, permission}.
MIGRATE_EXPORT void write_report(const std::string& path, const std::string& report);

/// What a report is worth.
struct ReportCheck {
    std::string signed_by;  ///< The public key that its signature names; empty where it has none.
    std::string
        damage;  ///< Why it cannot be trusted; empty where it is whole, and signed by the key asked for.

    /// 0, or 4 where it cannot be trusted.
    [[nodiscard]] int exit_code() const noexcept { return damage.empty() ? 0 : 4; }
};

/// Looks whether a report is, to the last byte, what the owner of the key has signed. Throws:
/// Error{not_found, permission, io}; Error{malformed} for a file that is no public key.
MIGRATE_EXPORT ReportCheck verify_report(const std::string& path, const std::string& public_key_path);

MIGRATE_EXPORT std::string render_text(const ReportCheck& check);

MIGRATE_NAMESPACE_END
