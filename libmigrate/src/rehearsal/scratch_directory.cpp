#include "rehearsal/scratch_directory.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <migrate/error.hpp>

#include "io/directory.hpp"
#include "io/lock.hpp"
#include "util/random_id.hpp"

namespace migrate::rehearsal {
namespace {

constexpr std::string_view k_prefix = "migrate-rehearsal-";
/// In the directory: held as long as the rehearsal runs. Without it a directory is none of ours.
constexpr const char* k_lock = ".rehearsal-lock";

std::string temporary_directory() {
    const char* set = std::getenv("TMPDIR");
    std::string directory = set != nullptr && *set != '\0' ? set : "/tmp";
    if (directory.front() != '/' || io::kind_of(directory) != io::PathKind::directory) {
        ErrorFacts facts;
        facts.code = ErrorCode::usage;
        facts.next_step = "Set TMPDIR to a directory that is there, by its whole path.";
        throw Error(std::move(facts), "TMPDIR names " + directory +
                                          ", which is no directory that the rollback could be rehearsed in");
    }
    return directory;
}

/// As random_id() makes them.
bool is_own_name(std::string_view name) {
    constexpr std::size_t k_id = 16;
    return name.starts_with(k_prefix) && name.size() == k_prefix.size() + k_id &&
           std::all_of(name.begin() + static_cast<std::ptrdiff_t>(k_prefix.size()), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

/// Of programs that were killed: nobody holds their locks.
void remove_abandoned(const std::string& directory) {
    for (const std::string& name : io::list_directory(directory)) {
        const std::string path = io::join(directory, name);
        const std::string lock_path = io::join(path, k_lock);
        if (!is_own_name(name) || !io::is_private_directory(path) || io::is_symbolic_link(lock_path) ||
            io::kind_of(lock_path) != io::PathKind::file) {
            continue;
        }
        try {
            const io::FileLock lock(lock_path, "removing what was abandoned");
            io::remove_tree(path);
        } catch (const Error&) {
            continue;
        }
    }
}

class ScratchDirectory final : public backend::Scratch {
  public:
    explicit ScratchDirectory(const Endpoint& like) : m_endpoint(like) {
        const std::string directory = temporary_directory();
        remove_abandoned(directory);
        m_path = io::join(directory, std::string(k_prefix) + util::random_id());
        io::make_directory(m_path);
        m_lock.emplace(io::join(m_path, k_lock), "a rehearsal");
        const bool is_directory = like.location.ends_with('/');
        m_endpoint.location =
            io::join(m_path, io::name_of(like.location)) + (is_directory ? std::string("/") : std::string());
    }
    ~ScratchDirectory() override {
        try {
            drop();
        } catch (...) {
            m_path.clear();  // The next one finds it.
        }
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    [[nodiscard]] const Endpoint& endpoint() const override { return m_endpoint; }
    [[nodiscard]] std::string description() const override { return "a directory below $TMPDIR"; }

    void drop() override {
        if (!m_path.empty()) {
            io::remove_tree(m_path);
            m_path.clear();
            m_lock.reset();
        }
    }

  private:
    Endpoint m_endpoint;
    std::string m_path;
    std::optional<io::FileLock> m_lock;
};

}  // namespace

std::unique_ptr<backend::Scratch> make_scratch_directory(const Endpoint& like) {
    return std::make_unique<ScratchDirectory>(like);
}

}  // namespace migrate::rehearsal
