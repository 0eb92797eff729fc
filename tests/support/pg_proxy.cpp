#include "support/pg_proxy.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace migrate::test {

/// One client and its session at the server.
struct PgProxy::Link {
    int client = -1;
    int server = -1;
    std::string pending;   ///< Of the client, not a whole message yet.
    bool started = false;  ///< Its first message, which has no letter, has passed.
    bool is_deaf = false;  ///< Answers of the server are dropped; with the first of them it is closed.
    std::string late;      ///< What the server gets when it is due.
    std::chrono::steady_clock::time_point due;
};

namespace {

constexpr int k_look_again_ms = 20;
/// Long enough for the client to have come back.
constexpr auto k_delay = std::chrono::milliseconds(300);

/// The value of a key in quoted key=value pairs.
std::string value_of(const std::string& conninfo, const std::string& key) {
    const std::size_t at = conninfo.find(key + "='");
    if (at == std::string::npos) {
        throw std::runtime_error("no " + key + " in " + conninfo);
    }
    const std::size_t start = at + key.size() + 2;
    return conninfo.substr(start, conninfo.find('\'', start) - start);
}

sockaddr_un address_of(const std::string& directory, const std::string& port) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory + "/.s.PGSQL." + port;
    if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error("too long for a socket: " + path);
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

int connect_to(const std::string& directory, const std::string& port) {
    const sockaddr_un address = address_of(directory, port);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket);
        return -1;
    }
    return socket;
}

bool send_all(int socket, const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t now = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) {
            return false;
        }
        sent += static_cast<std::size_t>(now);
    }
    return true;
}

/// Whole messages of a client, taken off the beginning of what came from it. See "Message Formats" in
/// PostgreSQL's documentation: a letter and a length that counts itself; the first one has no letter.
std::optional<std::string> take_message(std::string& pending, bool started) {
    const std::size_t letter = started ? 1 : 0;
    if (pending.size() < letter + 4) {
        return std::nullopt;
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        length = length * 256 + static_cast<unsigned char>(pending[letter + i]);
    }
    if (pending.size() < letter + length) {
        return std::nullopt;
    }
    std::string message = pending.substr(0, letter + length);
    pending.erase(0, letter + length);
    return message;
}

/// The SQL that a message holds, if it holds any.
std::optional<std::string> statement_in(const std::string& message) {
    if (message.front() == 'Q') {
        return message.substr(5, message.size() - 6);
    }
    if (message.front() == 'P') {
        const std::size_t name_end = message.find('\0', 5);
        return message.substr(name_end + 1, message.find('\0', name_end + 1) - name_end - 1);
    }
    return std::nullopt;
}

}  // namespace

PgProxy::PgProxy(const std::string& conninfo)
    : m_server_directory(value_of(conninfo, "host")), m_port(value_of(conninfo, "port")) {
    const sockaddr_un address = address_of(m_directory.path(), m_port);
    m_listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    constexpr int k_waiting = 64;
    if (::bind(m_listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(m_listener, k_waiting) != 0) {
        throw std::runtime_error("cannot listen in " + m_directory.path());
    }
    m_thread = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            run();
        }
    });
}

PgProxy::~PgProxy() {
    m_thread.request_stop();
    m_thread.join();
    for (Link& link : m_links) {
        close(link);
    }
    ::close(m_listener);
}

std::string PgProxy::through(const std::string& endpoint) const {
    const std::string server = "host='" + m_server_directory + "'";
    std::string changed = endpoint;
    const std::size_t at = changed.find(server);
    if (at == std::string::npos) {
        throw std::runtime_error("another server: " + endpoint);
    }
    return changed.replace(at, server.size(), "host='" + m_directory.path() + "'");
}

void PgProxy::reset() {
    const std::scoped_lock lock(m_mutex);
    m_cut.reset();
    m_act = {};
    m_direction.reset();
    m_met = 0;
    m_outage = false;
    m_happened = false;
    m_is_down = false;
    m_statements = 0;
    m_commits = 0;
    m_to_server = 0;
    m_to_client = 0;
}

void PgProxy::cut_at(const PgPlace& place, PgCut cut) {
    reset();
    const std::scoped_lock lock(m_mutex);
    m_place = place;
    m_cut = cut;
}

void PgProxy::cut_at_byte(PgDirection direction, std::uint64_t nth) {
    reset();
    const std::scoped_lock lock(m_mutex);
    m_direction = direction;
    m_byte = nth;
}

void PgProxy::act_at(const PgPlace& place, std::function<void()> act) {
    reset();
    const std::scoped_lock lock(m_mutex);
    m_place = place;
    m_act = std::move(act);
}

void PgProxy::wait_for_late() const {
    while (m_is_late) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void PgProxy::go_down_with_it() {
    const std::scoped_lock lock(m_mutex);
    m_outage = true;
}

void PgProxy::close(Link& link) {
    for (int* socket : {&link.client, &link.server}) {
        if (*socket >= 0) {
            ::close(*socket);
            *socket = -1;
        }
    }
}

/// Looks once at all sockets, and forwards what there is.
void PgProxy::run() {
    std::vector<pollfd> sockets{{m_listener, POLLIN, 0}};
    for (const Link& link : m_links) {
        sockets.push_back({link.client, POLLIN, 0});
        sockets.push_back({link.server, POLLIN, 0});
    }
    static_cast<void>(::poll(sockets.data(), sockets.size(), k_look_again_ms));
    std::size_t at = 1;
    for (Link& link : m_links) {
        deliver_late(link);
        const bool said = sockets[at].revents != 0;
        const bool answered = sockets[at + 1].revents != 0;
        at += 2;
        if (answered && link.server >= 0) {
            from_server(link);
        }
        if (said && link.client >= 0) {
            from_client(link);
        }
    }
    if (sockets[0].revents != 0) {
        let_in();
    }
    m_links.remove_if([](const Link& link) { return link.client < 0 && link.server < 0; });
}

void PgProxy::deliver_late(Link& link) {
    if (!link.late.empty() && std::chrono::steady_clock::now() >= link.due) {
        static_cast<void>(send_all(link.server, std::exchange(link.late, {})));
        link.is_deaf = true;
    }
}

void PgProxy::let_in() {
    Link link;
    link.client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
    link.server = m_is_down ? -1 : connect_to(m_server_directory, m_port);
    if (link.server < 0) {
        close(link);
        return;
    }
    m_links.push_back(std::move(link));
}

void PgProxy::from_client(Link& link) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::recv(link.client, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) {
        close(link);
        return;
    }
    link.pending.append(buffer.data(), static_cast<std::size_t>(got));
    while (auto message = take_message(link.pending, link.started)) {
        if (!forward(link, *message)) {
            return;
        }
        link.started = true;
    }
}

/// False where the connection was cut.
bool PgProxy::forward(Link& link, const std::string& message) {
    const auto sql = link.started ? statement_in(message) : std::nullopt;
    std::optional<PgCut> cut;
    if (sql) {
        ++m_statements;
        m_commits += sql->starts_with("COMMIT") ? 1 : 0;
        std::function<void()> act;
        {
            const std::scoped_lock lock(m_mutex);
            const bool is_armed = (m_cut || m_act) && !m_happened;
            if (is_armed && sql->find(m_place.text) != std::string::npos && ++m_met == m_place.nth) {
                m_happened = true;
                cut = m_cut;
                act = m_act;
            }
        }
        if (act) {
            act();
        }
    }
    if (cut == PgCut::before) {
        happen(link);
        return false;
    }
    if (cut == PgCut::delayed) {
        m_is_late = true;
        ::close(std::exchange(link.client, -1));
        link.late = message;
        link.due = std::chrono::steady_clock::now() + k_delay;
        return false;
    }
    if (!passes_bytes(link, PgDirection::to_server, message)) {
        return false;
    }
    // What follows is let through: of a parsed statement the server gives no answer before it is executed.
    link.is_deaf = link.is_deaf || cut.has_value();
    return true;
}

void PgProxy::from_server(Link& link) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::recv(link.server, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) {
        m_is_late = m_is_late && !link.is_deaf;
        close(link);
        return;
    }
    if (link.is_deaf) {
        happen(link);
        m_is_late = false;
        return;
    }
    static_cast<void>(passes_bytes(link, PgDirection::to_client,
                                   std::string(buffer.data(), static_cast<std::size_t>(got))));
}

/// False where the connection was cut at one of them, or has ended.
bool PgProxy::passes_bytes(Link& link, PgDirection direction, const std::string& bytes) {
    const bool to_server = direction == PgDirection::to_server;
    std::atomic<std::uint64_t>& passed = to_server ? m_to_server : m_to_client;
    const int socket = to_server ? link.server : link.client;
    bool is_here = false;
    {
        const std::scoped_lock lock(m_mutex);
        is_here = !m_happened && m_direction == direction && passed + bytes.size() > m_byte;
    }
    if (is_here) {
        m_happened = true;
        static_cast<void>(send_all(socket, bytes.substr(0, m_byte - passed)));
        happen(link);
        return false;
    }
    passed += bytes.size();
    if (!send_all(socket, bytes)) {
        close(link);
        return false;
    }
    return true;
}

void PgProxy::happen(Link& link) {
    const std::scoped_lock lock(m_mutex);
    close(link);
    if (m_outage) {
        m_is_down = true;
        for (Link& other : m_links) {
            close(other);
        }
    }
}

}  // namespace migrate::test
