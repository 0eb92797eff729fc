#include "backends/sqlite/fingerprint.hpp"

#include <cstdint>
#include <string_view>

#include "io/directory.hpp"
#include "session/sqlite_file.hpp"
#include "util/byte_order.hpp"
#include "util/hex.hpp"

namespace migrate::backends::sqlite {
namespace {

constexpr std::size_t k_header_bytes = 100;
constexpr std::size_t k_wal_header_bytes = 32;
constexpr std::size_t k_frame_header_bytes = 24;

/// Frames left from before the log was last restarted carry other salts, and end it. Source: the SQLite
/// database file format, section 4.
std::string wal_state(const session::SqliteSession& session) {
    const std::string header = session::read_wal_file(session.handle(), 0, k_wal_header_bytes);
    if (header.size() < k_wal_header_bytes) {
        return "none";
    }
    const auto page_bytes = util::load_big<std::uint32_t>(header.data() + 8);
    const std::string salts = header.substr(16, 8);
    std::uint64_t frames = 0;
    std::string committed = "0";
    for (std::uint64_t at = k_wal_header_bytes; page_bytes > 0; at += k_frame_header_bytes + page_bytes) {
        const std::string frame = session::read_wal_file(session.handle(), at, k_frame_header_bytes);
        if (frame.size() < k_frame_header_bytes || frame.substr(8, 8) != salts) {
            break;
        }
        ++frames;
        if (util::load_big<std::uint32_t>(frame.data() + 4) != 0) {
            committed = std::to_string(frames) + ":" + util::to_hex(frame.substr(16, 8));
        }
    }
    return util::to_hex(salts) + ":" + committed;
}

}  // namespace

std::string fingerprint_of(const session::SqliteSession& session) {
    const std::string header = session::read_main_file(session.handle(), 0, k_header_bytes);
    if (header.size() < k_header_bytes) {
        return {};
    }
    const auto number = [&header](std::size_t at) {
        return std::to_string(util::load_big<std::uint32_t>(header.data() + at));
    };
    // Two files that were made by the same statements have the same counters.
    std::string file;
    if (io::kind_of(session.path()) == io::PathKind::file) {
        const io::FileStamp stamp = io::stamp_of(session.path());
        file = ":file=" + std::to_string(stamp.device) + "." + std::to_string(stamp.inode) + "." +
               std::to_string(stamp.changed_ns);
    }
    const std::string mode = session.query_text("PRAGMA main.journal_mode");
    return "sqlite:pages=" + number(28) + ":changes=" + number(24) + ":schema=" + number(40) +
           ":wal=" + (mode == "wal" ? wal_state(session) : "none") + file;
}

}  // namespace migrate::backends::sqlite
