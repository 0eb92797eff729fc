#include "backends/json/input_stamps.hpp"

#include <migrate/error.hpp>

#include "io/directory.hpp"
#include "util/hash.hpp"

namespace migrate::backends::json {

void InputStamps::add(const std::string& path) {
    m_paths.push_back(path);
}

void InputStamps::pin() {
    for (const std::string& path : m_paths) {
        m_pinned[path] = io::stamp_of(path);
    }
}

void InputStamps::require_unchanged(const std::string& path) const {
    const auto pinned = m_pinned.find(path);
    if (pinned == m_pinned.end() || pinned->second == io::stamp_of(path)) {
        return;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::transient;
    facts.backend = "json";
    facts.next_step = "Stop the program that writes it, or copy it, and run again.";
    throw Error(std::move(facts), path + " was changed by another program while it was being read");
}

std::string InputStamps::fingerprint() const {
    std::string all;
    for (const std::string& path : m_paths) {
        const io::FileStamp stamp = io::stamp_of(path);
        all += path + '\0' + std::to_string(stamp.device) + ' ' + std::to_string(stamp.inode) + ' ' +
               std::to_string(stamp.size) + ' ' + std::to_string(stamp.modified_ns) + ' ' +
               std::to_string(stamp.changed_ns) + '\n';
    }
    return util::hash128_hex(all);
}

std::uint64_t InputStamps::byte_size() const {
    std::uint64_t bytes = 0;
    for (const std::string& path : m_paths) {
        bytes += io::stamp_of(path).size;
    }
    return bytes;
}

void stream_input(const std::string& path, const std::string& name, const InputStamps& stamps,
                  backend::BackupSink& sink) {
    io::File file = io::File::open_read(path);
    sink.begin_file(name);
    std::vector<char> block(std::size_t{1} << 18U);
    while (const std::size_t got = file.read(block.data(), block.size())) {
        sink.write({block.data(), got});
    }
    stamps.require_unchanged(path);
    sink.end_file();
}

void require_plain_scan(const ScanSpec& spec) {
    if (!spec.keys.empty() || spec.watermark || spec.order != ScanOrder::any) {
        ErrorFacts facts;
        facts.code = ErrorCode::unsupported;
        facts.backend = "json";
        facts.table = spec.table->name.display();
        throw Error(std::move(facts),
                    "rows of JSON files cannot be read by key, by watermark or in an order");
    }
}

}  // namespace migrate::backends::json
