#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/schema.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// How much a finding weighs. Ordered.
enum class Severity : std::uint8_t {
    note,      ///< Worth knowing; nothing is missing.
    risk,      ///< May hurt later (a foreign key without an index).
    excluded,  ///< Left out because the user said so; does not change the exit code.
    left_out,  ///< Not carried over though nobody said so: exit code 5.
    blocker,   ///< Must be settled before anything is written: exit code 3.
};

/// Something a plan, preflight or result has to say about an object. Never holds row values.
struct Finding {
    Severity severity = Severity::note;
    std::string code;         ///< Stable, machine-readable: "view-left-out", "foreign-key-orphans".
    std::string object;       ///< "table album, column title"; for people.
    std::string message;      ///< What and why.
    std::string next_step;    ///< The way on; may be empty.
    std::uint64_t count = 0;  ///< Rows or objects concerned; 0 where it does not apply.
    /// Set where all that is said is how the target's table of this planned name is defined when it is made:
    /// its columns' types, defaults and identities, its keys, checks and indexes. It holds for no table that
    /// is there and keeps its own definition. Never set where rows or values are concerned.
    std::optional<QualifiedName> definition_of = std::nullopt;
};

MIGRATE_EXPORT std::string_view to_string(Severity severity) noexcept;

MIGRATE_NAMESPACE_END
