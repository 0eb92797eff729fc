#include "access_policy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/filesystem/path.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <migrate/error.hpp>

#include "command.hpp"
#include "files.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr const char* k_path = "/etc/migrate/access.yaml";

std::string policy_path() {
#ifdef MIGRATE_FAULT_POINTS
    if (const char* const other = std::getenv("MIGRATE_TEST_ACCESS_POLICY")) {
        return other;
    }
#endif
    return k_path;
}

[[noreturn]] void refuse(const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = ErrorCode::permission;
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

bool is_roots_alone(const struct stat& status) {
    return status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// A policy that its subjects can write, or take away, is none.
void require_root(const std::string& path, const struct stat& status) {
    struct stat directory {};
    const std::string parent = boost::filesystem::path(path).parent_path().string();
    if (!is_roots_alone(status) || ::stat(parent.c_str(), &directory) != 0 || !is_roots_alone(directory)) {
        refuse(fmt::format("{} or its directory does not belong to root alone, so that nobody knows who has "
                           "written it",
                           printable(path)),
               fmt::format("chown root {0} {1} && chmod go-w {0} {1}, or remove it", printable(path),
                           printable(parent)));
    }
}

Role role_named(const std::string& name, const std::string& where) {
    for (const Role role : {Role::nobody, Role::viewer, Role::operates, Role::admin}) {
        if (to_string(role) == name) {
            return role;
        }
    }
    usage_error(fmt::format("{}: {} is no role", where, printable(name)),
                "viewer, operator, admin or nobody");
}

class Reader {
  public:
    explicit Reader(AccessPolicy& policy) : m_policy(policy) {}

    void read(const YAML::Node& root) {
        require(root.IsMap(), root, "the file must be a mapping with \"roles\" and \"others\"");
        for (const auto& member : root) {
            const auto name = member.first.as<std::string>();
            if (name == "roles") {
                read_roles(member.second);
            } else if (name == "others") {
                require(member.second.IsScalar(), member.second, "\"others\" must be the name of a role");
                m_policy.others = role_named(member.second.as<std::string>(), where(member.second));
            } else {
                require(false, member.first, printable(name) + " is not known here: roles, others");
            }
        }
    }

  private:
    [[nodiscard]] std::string where(const YAML::Node& node) const {
        return fmt::format("{}, line {}", printable(m_policy.path), node.Mark().line + 1);
    }
    void require(bool holds, const YAML::Node& node, const std::string& message) const {
        if (!holds) {
            usage_error(fmt::format("{}: {}", where(node), message), "mend the file");
        }
    }

    void read_roles(const YAML::Node& roles) {
        require(roles.IsMap(), roles, "\"roles\" must be a mapping of roles to lists of users");
        for (const auto& member : roles) {
            const Role role = role_named(member.first.as<std::string>(), where(member.first));
            require(member.second.IsSequence(), member.second, "must be a list of users and @groups");
            for (const YAML::Node& entry : member.second) {
                require(entry.IsScalar() && !entry.as<std::string>().empty(), entry,
                        "must be the name of a user, or of a group after @");
                add(entry.as<std::string>(), role);
            }
        }
    }

    void add(const std::string& name, Role role) {
        const bool is_group = name.front() == '@';
        Role& known = is_group ? m_policy.groups[name.substr(1)] : m_policy.users[name];
        known = std::max(known, role);
    }

    AccessPolicy& m_policy;
};

/// Of the real user: what a program was given beside, it may not hand on.
std::string user_name() {
    const passwd* const entry = ::getpwuid(::getuid());  // NOLINT(concurrency-mt-unsafe): one thread yet
    return entry == nullptr ? fmt::format("uid {}", ::getuid()) : entry->pw_name;
}

std::vector<std::string> group_names() {
    std::vector<gid_t> ids(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    const int count = ::getgroups(static_cast<int>(ids.size()), ids.data());
    ids.resize(static_cast<std::size_t>(std::max(0, count)));
    ids.push_back(::getgid());
    std::vector<std::string> names;
    for (const gid_t id : ids) {
        if (const group* const entry = ::getgrgid(id)) {  // NOLINT(concurrency-mt-unsafe): as above
            names.emplace_back(entry->gr_name);
        }
    }
    return names;
}

}  // namespace

std::string_view to_string(Role role) noexcept {
    switch (role) {
        case Role::viewer:
            return "viewer";
        case Role::operates:
            return "operator";
        case Role::admin:
            return "admin";
        case Role::nobody:
            break;
    }
    return "nobody";
}

Role AccessPolicy::role_of(const std::string& user, const std::vector<std::string>& in_groups) const {
    Role role = others;
    if (const auto it = users.find(user); it != users.end()) {
        role = std::max(role, it->second);
    }
    for (const std::string& name : in_groups) {
        if (const auto it = groups.find(name); it != groups.end()) {
            role = std::max(role, it->second);
        }
    }
    return role;
}

std::optional<AccessPolicy> read_access_policy() {
    AccessPolicy policy;
    policy.path = policy_path();
    struct stat status {};
    if (::stat(policy.path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        refuse(fmt::format("{} cannot be looked at: {}", printable(policy.path), std::strerror(errno)),
               "ask who looks after this machine");
    }
    require_root(policy.path, status);
    try {
        Reader(policy).read(YAML::Load(read_file(policy.path, "access policy")));
    } catch (const YAML::Exception& error) {
        usage_error(fmt::format("{}, line {}: {}", printable(policy.path), error.mark.line + 1, error.msg),
                    "mend the file");
    }
    return policy;
}

Role required_role(const Run& run) {
    const std::string command = run.command();
    const auto asked = [&](const char* flag) { return run.settings().flag(flag); };
    const std::string first = run.arguments().empty() ? "" : run.arguments().front();
    if (command == "finalize" || (command == "backup" && first == "restore") ||
        (command == "rollback" && asked_to_execute(run.settings()))) {
        return Role::admin;
    }
    if (command == "resume" || command == "cutover" || command == "abandon" || command == "diff" ||
        asked("show-values")) {
        return Role::operates;
    }
    if (command == "migrate") {
        // A rehearsal leaves nothing behind, but reads both sides and writes beside the target.
        return asked_to_execute(run.settings()) || asked("rehearse-rollback") ? Role::operates : Role::viewer;
    }
    if (command == "dead-letters") {
        return first == "list" ? Role::viewer : Role::operates;
    }
    if (command == "backup") {
        return first == "create" ? Role::operates : Role::viewer;
    }
    return Role::viewer;
}

namespace {

/// What was tried, in the words of the audit trail.
struct Attempt {
    std::string operation;
    std::string migration;
};

Attempt attempt_of(const Run& run) {
    const std::vector<std::string>& arguments = run.arguments();
    const auto argument = [&](std::size_t i) { return i < arguments.size() ? arguments[i] : std::string(); };
    if (run.command() == "dead-letters") {
        return {argument(0) == "retry" ? "retry" : "dead-letters " + argument(0), argument(1)};
    }
    if (run.command() == "backup") {
        return {argument(0) == "restore" ? "restore" : "backup " + argument(0), ""};
    }
    return {run.command(), argument(0)};
}

/// That it could not be recorded is told beside why it is refused, and not in its place.
std::string record(Run& run, const std::string& why) {
    const Attempt attempt = attempt_of(run);
    try {
        run.indexed_migrator().record_refusal(attempt.operation, attempt.migration, why);
    } catch (const Error& error) {
        return fmt::format("{} (and this could not be recorded: {})", why, error.what());
    }
    return why;
}

}  // namespace

void require_access(Run& run) {
    const std::optional<AccessPolicy> policy = read_access_policy();
    if (!policy) {
        return;
    }
    const std::string user = user_name();
    const Role has = policy->role_of(user, group_names());
    const Role needs = required_role(run);
    if (has < needs) {
        std::string why = fmt::format("{} may not do this: it takes the role {}, and {} is {}",
                                      printable(user), to_string(needs), printable(user),
                                      has == Role::nobody ? "not named" : std::string(to_string(has)));
        // What only looks leaves no trace in the trail, nor does it when it is refused.
        if (needs > Role::viewer) {
            why = record(run, why);
        }
        refuse(why, fmt::format("{} says who may; ask who looks after it", printable(policy->path)));
    }
}

}  // namespace migrate::cli
