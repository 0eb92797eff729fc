#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <migrate/audit.hpp>

#include "audit/audit_key.hpp"

/// One record as a line of its file, whose bytes are what is hashed. Described in doc/audit.md.
namespace migrate::audit {

/// No line is longer, its line feed included.
inline constexpr std::size_t k_longest_line = 64 * 1024;
/// Lines that may stand unfinished one after the other: who was to close the first was killed in turn.
inline constexpr std::uint64_t k_most_torn = 2;
/// The hash before the first line.
inline const std::string k_no_hash = std::string(64, '0');

/// The texts of the record as a line can have them: one line each, printable, no secret in them, not too
/// long. It is the one way of texts into a trail.
void make_fit(AuditRecord& record);

/// Gives the record its algorithm, key and hash, and returns its line with a line feed. Requires: make_fit(),
/// and sequence, trail and previous are set.
std::string render_line(AuditRecord& record, const Sealer& sealer);

/// The bytes of a line that its hash is made of: all before its last member.
std::string_view sealed_part(std::string_view line);

/// Nullopt for what render_line() cannot have written, to the last byte; `line` is without its line feed. The
/// hash is not looked at.
std::optional<AuditRecord> parse_line(std::string_view line);

/// The detail of an event "torn": of bytes, without a line feed at their end, that a killed process has left
/// before it.
std::string torn_detail(std::string_view torn);

}  // namespace migrate::audit
