#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::cli {

class Run;

/// What somebody may do with this command; each includes those before it.
enum class Role : std::uint8_t {
    nobody,
    /// Plan, verify, check, and read what is recorded.
    viewer,
    /// Run migrations, go on with them, drop their staging; make backups; see values of rows.
    operates,
    /// Undo what is done, make it final, restore backups.
    admin,
};

/// Who has which role on this machine: what /etc/migrate/access.yaml says. A plain value.
struct AccessPolicy {
    std::string path;
    std::map<std::string, Role> users;
    std::map<std::string, Role> groups;
    Role others = Role::nobody;

    /// The highest of what the user and its groups have.
    [[nodiscard]] Role role_of(const std::string& user, const std::vector<std::string>& in_groups) const;
};

std::string_view to_string(Role role) noexcept;

/// Nullopt where there is no policy: then everybody may do what the databases let them. Throws:
/// Error{permission} for a file that somebody else than root could have written; Error{usage} naming file and
/// line for one that does not parse.
std::optional<AccessPolicy> read_access_policy();

/// What the command, with what was asked of it, takes.
Role required_role(const Run& run);

/// Throws: Error{permission} where a policy does not let the user of this process do what was asked; the
/// audit trail has that then.
void require_access(Run& run);

}  // namespace migrate::cli
