#include "rehearsal/scratch_directory.hpp"

#include <cstdlib>
#include <optional>
#include <utility>

#include <migrate/error.hpp>

#include "io/directory.hpp"
#include "io/lock.hpp"
#include "util/random_id.hpp"

namespace migrate::rehearsal {
namespace {

constexpr const char* k_prefix = "migrate-rehearsal-";
constexpr const char* k_lock = ".lock";

std::string temporary_directory() {
    const char* set = std::getenv("TMPDIR");
    return set != nullptr && *set == '/' ? set : "/tmp";
}

/// Of programs that were killed: nobody holds their locks. What is another user's stays.
void remove_abandoned(const std::string& directory) {
    for (const std::string& name : io::list_directory(directory)) {
        const std::string path = io::join(directory, name);
        if (!name.starts_with(k_prefix) || name.ends_with(k_lock) || io::is_symbolic_link(path)) {
            continue;
        }
        try {
            const io::FileLock lock(path + k_lock, "removing what was abandoned");
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
        m_path = io::join(directory, k_prefix + util::random_id());
        m_lock.emplace(m_path + k_lock, "a rehearsal");
        io::make_directory(m_path);
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
    [[nodiscard]] std::string description() const override { return "a directory of its own"; }

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
