#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// One line of an audit trail: who did what to which databases, and when. Every line holds the hash of the
/// one before it, so that none can be changed, taken out or put in without it being seen (doc/audit.md).
/// Never holds row values or secrets.
struct AuditRecord {
    std::uint64_t line = 0;      ///< In its file, from 1.
    std::string trail;           ///< Random id, the same in all lines of a trail.
    std::uint64_t sequence = 0;  ///< From 1, without gaps.
    std::string time;            ///< ISO 8601, UTC, by the clock of the machine.
    std::string user;            ///< Of the operating system; empty where it has no name.
    std::uint64_t uid = 0;
    std::string host;
    std::uint64_t pid = 0;
    std::string application;
    std::string migration;  ///< Id; empty where none is known.
    std::string operation;  ///< "migrate", "resume", "cutover", "rollback", "finalize", "abandon",
                            ///< "retry" (of dead letters), "restore" (of a backup), "audit".
    std::string event;      ///< "started", "phase_begun", "phase_ended", "decision", "refused" (nothing was
                            ///< changed), "failed", "finished", "torn"; "unreadable" for a line that is none.
    std::string phase;      ///< As to_string(Phase); empty if none.
    std::string from;       ///< As Endpoint::display().
    std::string from_role;  ///< What the source's server calls the session's user; empty where it has none.
    std::string to;
    std::string to_role;
    std::string detail;     ///< For people.
    std::string algorithm;  ///< "sha256", "hmac-sha256".
    std::string key;        ///< Tells keys apart, and does not tell them; empty without one.
    std::string previous;   ///< The hash of the line before; zeros in the first.
    std::string hash;
};

/// A place in a trail that is remembered elsewhere: "<trail>:<sequence>:<hash>".
struct AuditHead {
    std::string trail;  ///< Empty where only the hash is known.
    std::uint64_t sequence = 0;
    std::string hash;

    [[nodiscard]] MIGRATE_EXPORT std::string text() const;
};
/// Reads text(), or a hash alone. Nullopt for what is neither.
MIGRATE_EXPORT std::optional<AuditHead> parse_audit_head(const std::string& text);

/// Hands out the key of a trail, any bytes; called when a call begins to write, or a trail is checked.
using AuditKeySource = std::function<std::string()>;
/// The key is what the file holds, without a line end at its end. What the source throws: Error{not_found,
/// permission}, and Error{refused} for a file that others can read or that holds less than 16 bytes.
MIGRATE_EXPORT AuditKeySource audit_key_from_file(std::string path);

/// Hands over every line, the oldest first. Checks nothing. Throws: Error{not_found, permission, io}.
MIGRATE_EXPORT void read_audit(const std::string& path, const std::function<void(const AuditRecord&)>& take);

/// A head that has to be in the trail.
struct ExpectedAuditHead {
    AuditHead head;
    std::string migration;  ///< Whose target remembers it; empty: it was given by whoever asks.
};

struct AuditCheck {
    std::string path;
    AuditKeySource key;                    ///< Empty: the trail is one without a key.
    std::vector<ExpectedAuditHead> heads;  ///< See CrossDatabaseMigrator::audit_heads().
};

/// What is wrong with a trail.
struct AuditDamage {
    std::uint64_t line = 0;  ///< From 1; 0 where it is about no line of the file.
    std::string message;
};

struct AuditReport {
    std::uint64_t lines = 0;
    std::uint64_t keyed_lines = 0;
    std::uint64_t heads_found = 0;
    AuditHead head;  ///< The last good line's.
    std::string first_time;
    std::string last_time;
    std::vector<AuditDamage> damage;  ///< The first line that is wrong, or the heads that are missing.
    std::vector<std::string> notes;   ///< What is worth knowing and no damage.

    /// 0, or 4 where the trail is damaged.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

/// Follows the chain from the first line to the last. Without a key, whoever can write the file can make a
/// whole new chain: only a head that is remembered elsewhere tells.
/// Throws: Error{not_found, permission, io}; Error{usage} for a trail with a key that is not given; what the
/// key's source throws.
MIGRATE_EXPORT AuditReport verify_audit(const AuditCheck& check);

MIGRATE_EXPORT std::string render_text(const AuditReport& report);

MIGRATE_NAMESPACE_END
