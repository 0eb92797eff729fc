#define XXH_INLINE_ALL
#include <array>
#include <cstdio>

#include <xxhash.h>

#include <migrate/error.hpp>

#include "backends/json/file_source.hpp"
#include "backends/json/staging.hpp"

namespace migrate::backends::json {

struct StagedTable::Hash {
    XXH3_state_t state;
    Hash() { XXH3_64bits_reset(&state); }
};

StagedTable::StagedTable(std::string path, std::string file)
    : m_path(std::move(path)),
      m_file(std::move(file)),
      m_committed(std::make_unique<Hash>()),
      m_running(std::make_unique<Hash>()) {}

StagedTable::~StagedTable() = default;
StagedTable::StagedTable(StagedTable&&) noexcept = default;
StagedTable& StagedTable::operator=(StagedTable&&) noexcept = default;

std::string StagedTable::hash() const {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx",
                  static_cast<unsigned long long>(XXH3_64bits_digest(&m_running->state)));
    return text.data();
}

void StagedTable::add(std::string_view bytes) {
    XXH3_64bits_update(&m_running->state, bytes.data(), bytes.size());
    m_added += bytes.size();
}

void StagedTable::commit(const Checkpoint& checkpoint) {
    m_size += m_added;
    m_added = 0;
    XXH3_copyState(&m_committed->state, &m_running->state);
    restore_counts(checkpoint);
}

void StagedTable::roll_back() {
    m_added = 0;
    XXH3_copyState(&m_running->state, &m_committed->state);
}

void StagedTable::restore(std::uint64_t size, const std::string& hash) {
    XXH3_64bits_reset(&m_running->state);
    m_added = 0;
    FileSource source(m_path, 0, size);
    std::array<char, 1U << 16U> block{};
    while (const std::size_t got = source.read(block.data(), block.size())) {
        add({block.data(), got});
    }
    if (m_added != size || this->hash() != hash) {
        throw Error(ErrorCode::corrupt, m_path + " is not what its checkpoints say; abandon the migration");
    }
    m_size = size;
    m_added = 0;
    XXH3_copyState(&m_committed->state, &m_running->state);
}

void StagedTable::restore_counts(const Checkpoint& checkpoint) {
    m_rows += checkpoint.rows;  // of rows that were taken out, the other way round
    m_digest.merge(checkpoint.digest);
}

}  // namespace migrate::backends::json
