#pragma once

#include <cstdint>

namespace migrate {

/// What sessions are opened for.
enum class SessionUse : std::uint8_t { run, comparison };

/// Which sides of a call are on a server that counts its sessions.
struct ServerSides {
    bool from = false;
    bool to = false;
    bool one_server = false;  ///< Both are on the same one.
};

/// How many work at once.
struct Workers {
    unsigned readers = 1;    ///< Of the source, or of the first side of a comparison.
    unsigned writers = 1;    ///< Of the target.
    unsigned read_back = 1;  ///< Readers of what is staged, or of the second side.
    unsigned builders = 1;   ///< Of keys and indexes; with several of them staged rows are read meanwhile.
    friend bool operator==(const Workers&, const Workers&) = default;
};

/// The sessions that are open at once on a side with so many workers: each side has one for its catalog,
/// which also holds the snapshot or the lock; what is staged is read back by sessions of its own, one of
/// which holds their snapshot. The source keeps its readers' sessions to the end.
unsigned sessions_of_source(const Workers& workers);
unsigned sessions_of_target(const Workers& workers, SessionUse use);

/// The fewest that one server must allow; 0 where none is opened.
unsigned least_sessions(const ServerSides& sides, SessionUse use);

/// As many of the wanted workers as `most` sessions a server have room for. Requires: most >=
/// least_sessions().
Workers fit_to_sessions(unsigned most, Workers wanted, const ServerSides& sides, SessionUse use);

}  // namespace migrate
