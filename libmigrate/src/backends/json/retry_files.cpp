#include "backends/json/retry_files.hpp"

#include <string_view>
#include <utility>

#include <migrate/error.hpp>

#include "backends/json/staging.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::json {

namespace {

// Names of files that outlive a killed process. Persisted; do not change.
constexpr std::string_view k_result = "retry";
constexpr std::string_view k_letters = "dead_letters-";
constexpr std::string_view k_record = "migration-";

bool is_numbered(const std::string& name) {
    return name.starts_with(k_letters) || name.starts_with(k_record);
}

void remove_any(const std::string& path) {
    if (!io::is_symbolic_link(path) && io::kind_of(path) == io::PathKind::directory) {
        io::remove_tree(path);
    } else {
        io::remove_file(path);
    }
}

}  // namespace

RetryFiles::RetryFiles(std::string target, std::string staging)
    : m_target(std::move(target)), m_staging(std::move(staging)), m_state(io::join(m_staging, "state")) {}

std::string RetryFiles::result() const {
    return io::join(m_staging, std::string(k_result));
}

std::string RetryFiles::letters(std::uint64_t number) const {
    return io::join(m_state, std::string(k_letters) + std::to_string(number) + ".ndjson");
}

std::string RetryFiles::record(std::uint64_t number) const {
    return io::join(m_state, std::string(k_record) + std::to_string(number) + ".json");
}

std::optional<Manifest> RetryFiles::record_of(std::uint64_t shown) const {
    // One that gets its own name meanwhile is found under that.
    auto numbered = shown == 0 ? std::nullopt : read_record(record(shown));
    return numbered ? std::move(numbered) : read_state(m_staging);
}

std::string RetryFiles::swap() const {
    if (io::exchange(result(), m_target)) {
        return result();
    }
    // A file system without the exchange: whoever takes the lock next finishes what is killed in between.
    io::rename_new(m_target, old());
    util::pass_kill_point("retry-between");
    try {
        io::rename_new(result(), m_target);
    } catch (...) {
        io::rename_new(old(), m_target);
        throw;
    }
    return old();
}

void RetryFiles::swap_back(const std::string& before) const {
    if (before == result()) {
        if (!io::exchange(result(), m_target)) {
            throw Error(ErrorCode::io, m_target + " cannot be given back what it had; it is in " + before);
        }
        return;
    }
    io::rename_new(m_target, result());
    io::rename_new(old(), m_target);
}

void RetryFiles::sync_names() const {
    io::sync_directory(io::parent_of(m_target));
    io::sync_directory(m_staging);
}

bool RetryFiles::has_any() const {
    if (io::name_taken(result()) || io::name_taken(old())) {
        return true;
    }
    if (io::kind_of(m_state) == io::PathKind::directory) {
        for (const std::string& name : io::list_directory(m_state)) {
            if (is_numbered(name)) {
                return true;
            }
        }
    }
    return false;
}

void RetryFiles::name_target() const {
    if (!io::name_taken(m_target) && io::name_taken(old()) && io::name_taken(result())) {
        io::rename_new(result(), m_target);
        sync_names();
    }
}

void RetryFiles::settle(std::uint64_t shown) const {
    if (shown > 0) {
        for (const auto& [numbered, own] :
             {std::pair(record(shown), io::join(m_state, "migration.json")),
              std::pair(letters(shown), io::join(m_state, "dead_letters.ndjson"))}) {
            if (io::name_taken(numbered)) {
                io::rename_replacing(numbered, own);
                util::pass_kill_point("retry-settle");
            }
        }
    }
    for (const std::string& name : io::list_directory(m_state)) {
        if (is_numbered(name)) {
            io::remove_file(io::join(m_state, name));
        }
    }
    io::sync_directory(m_state);
    util::pass_kill_point("retry-settle");
    // Last: without the exchange these tell that the target's name is to be given.
    remove_any(result());
    remove_any(old());
    io::sync_directory(m_staging);
}

}  // namespace migrate::backends::json
