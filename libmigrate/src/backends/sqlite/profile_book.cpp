#include "backends/sqlite/profile_book.hpp"

#include <algorithm>
#include <utility>

namespace migrate::backends::sqlite {

std::optional<TableProfile> ProfileBook::first_rows(const std::string& table) const {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_tables.find(table);
    return found == m_tables.end() ? std::nullopt : std::optional(found->second.first);
}

void ProfileBook::keep_first_rows(const std::string& table, TableProfile first) {
    const std::scoped_lock lock(m_mutex);
    m_tables[table].first = std::move(first);
}

void ProfileBook::expect(const std::string& table, std::size_t chunks) {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_tables.find(table);
    if (found == m_tables.end() || found->second.first.is_whole()) {
        return;
    }
    Entry& entry = found->second;
    entry.chunks = chunks;
    entry.added.clear();
    entry.parts = std::make_unique<ProfileParts>(entry.first.columns, ProfileParts::FirstRows::in_a_part);
}

std::optional<std::vector<ColumnProfile>> ProfileBook::fork(const std::string& table) const {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_tables.find(table);
    return found == m_tables.end() || found->second.parts == nullptr
               ? std::nullopt
               : std::optional(found->second.parts->fork());
}

void ProfileBook::add(const std::string& table, std::size_t chunk, const std::vector<ColumnProfile>& part) {
    const std::scoped_lock lock(m_mutex);
    Entry& entry = m_tables.at(table);
    if (entry.parts != nullptr && entry.added.insert(chunk).second) {
        entry.parts->add(part);
    }
}

std::optional<ProfileBook::Whole> ProfileBook::whole(const std::string& table) const {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_tables.find(table);
    if (found == m_tables.end()) {
        return std::nullopt;
    }
    const Entry& entry = found->second;
    if (entry.first.is_whole()) {
        return Whole{entry.first, {}};
    }
    if (entry.parts == nullptr || entry.added.size() != entry.chunks || entry.first.columns.empty()) {
        return std::nullopt;
    }
    Whole whole{{entry.parts->whole(), 0, 0}, entry.parts->late()};
    const ColumnProfile& column = whole.profile.columns.front();
    whole.profile.rows = column.values() + column.nulls;
    whole.profile.rows_read = whole.profile.rows;
    return whole;
}

std::optional<ProfileBook::Decision> ProfileBook::decision(const std::string& table) const {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_decisions.find(table);
    return found == m_decisions.end() ? std::nullopt : std::optional(found->second);
}

void ProfileBook::keep_decision(const std::string& table, Decision decision) {
    const std::scoped_lock lock(m_mutex);
    m_decisions.insert_or_assign(table, std::move(decision));
}

std::optional<std::vector<Finding>> ProfileBook::violations(bool orphans) const {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_violations.find(orphans);
    return found == m_violations.end() ? std::nullopt : std::optional(found->second);
}

void ProfileBook::keep_violations(bool orphans, const std::vector<Finding>& findings) {
    const std::scoped_lock lock(m_mutex);
    m_violations[orphans] = findings;
}

ChunkProfile::ChunkProfile(std::shared_ptr<ProfileBook> book, const ScanSpec& spec)
    : m_book(std::move(book)), m_table(spec.table->name.name), m_chunk(spec.chunk.index) {
    if (m_book == nullptr || !spec.profile) {
        return;
    }
    if (auto profiles = m_book->fork(m_table)) {
        m_profiles = std::move(*profiles);
        m_columns = spec.columns;
    }
}

void ChunkProfile::finish() {
    if (!m_columns.empty()) {
        m_book->add(m_table, m_chunk, m_profiles);
        m_columns.clear();
    }
}

}  // namespace migrate::backends::sqlite
