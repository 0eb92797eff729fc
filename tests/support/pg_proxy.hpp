#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "support/temporary_directory.hpp"

/// A network between libpq and a server, which can be cut.
namespace migrate::test {

/// What becomes of a connection at a statement of its.
enum class PgCut : std::uint8_t {
    before,      ///< The server never gets it.
    unanswered,  ///< The server has done it, and its answer is lost.
    delayed,     ///< The client is cut off at once; the server gets it later, and does it.
};

/// The nth statement with such a text in it, of all connections since it was armed; any, where it is empty.
struct PgPlace {
    std::string text;
    std::uint64_t nth = 1;
};

enum class PgDirection : std::uint8_t { to_server, to_client };

/// Listens on a Unix socket of its own and forwards to the server's, statement by statement, in a thread of
/// its own. A fault is armed for one place at a time, and happens once. Thread-safe.
class PgProxy {
  public:
    /// `conninfo` is of a server that is reached by a Unix socket, in quoted key=value pairs.
    explicit PgProxy(const std::string& conninfo);
    PgProxy(const PgProxy&) = delete;
    PgProxy& operator=(const PgProxy&) = delete;
    ~PgProxy();

    /// An endpoint ("pg:…", or a conninfo) of the same server, through here.
    [[nodiscard]] std::string through(const std::string& endpoint) const;

    /// Forgets what was armed and counted; whoever is connected stays.
    void reset();
    void cut_at(const PgPlace& place, PgCut cut);
    /// After so many bytes of all connections in one direction.
    void cut_at_byte(PgDirection direction, std::uint64_t nth);
    /// Has something done before the server gets the statement; the statement is held meanwhile.
    void act_at(const PgPlace& place, std::function<void()> act);
    /// Whatever is armed is an outage: all connections are cut at once, and none is let in until reset().
    void go_down_with_it();

    /// Returns when the server has got, and done, what was delayed.
    void wait_for_late() const;

    /// Whether it has happened.
    [[nodiscard]] bool happened() const { return m_happened; }
    /// What has passed since reset().
    [[nodiscard]] std::uint64_t statements() const { return m_statements; }
    [[nodiscard]] std::uint64_t commits() const { return m_commits; }
    [[nodiscard]] std::uint64_t bytes(PgDirection direction) const {
        return direction == PgDirection::to_server ? m_to_server : m_to_client;
    }

  private:
    struct Link;

    void run();
    static void deliver_late(Link& link);
    void let_in();
    void from_client(Link& link);
    void from_server(Link& link);
    bool forward(Link& link, const std::string& message);
    bool passes_bytes(Link& link, PgDirection direction, const std::string& bytes);
    void happen(Link& link);
    static void close(Link& link);

    TemporaryDirectory m_directory;
    std::string m_server_directory;
    std::string m_port;
    int m_listener = -1;
    std::list<Link> m_links;

    std::mutex m_mutex;  ///< Guards what is armed.
    PgPlace m_place;
    std::optional<PgCut> m_cut;
    std::function<void()> m_act;
    std::optional<PgDirection> m_direction;
    std::uint64_t m_byte = 0;
    std::uint64_t m_met = 0;
    bool m_outage = false;

    std::atomic<bool> m_happened = false;
    std::atomic<bool> m_is_down = false;
    std::atomic<bool> m_is_late = false;  ///< Something is on its way to the server still.
    std::atomic<std::uint64_t> m_statements = 0;
    std::atomic<std::uint64_t> m_commits = 0;
    std::atomic<std::uint64_t> m_to_server = 0;
    std::atomic<std::uint64_t> m_to_client = 0;
    std::jthread m_thread;
};

}  // namespace migrate::test
