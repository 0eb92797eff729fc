#include "backends/json/written_keys.hpp"

#include <algorithm>

namespace migrate::backends::json {

namespace {

/// For each column of the table the one of the batch that is written.
std::vector<std::size_t> stored_slots(const Table& table) {
    std::vector<std::size_t> slots;
    std::size_t next = 0;
    for (const Column& column : table.columns) {
        slots.push_back(next);
        next += column.hidden || column.generated ? 0 : 1;
    }
    return slots;
}

}  // namespace

void WrittenKeys::begin(std::size_t index, const Table& table, std::uint64_t staged) {
    if (m_current == index) {
        return;
    }
    settle();
    m_current = index;
    const auto [account, is_new] = m_tables.try_emplace(index);
    if (!is_new || staged > 0) {
        account->second.is_known = false;
        return;
    }
    const std::vector<ClaimedKey> keys = claimed_keys(table);
    const std::vector<std::size_t> slots = stored_slots(table);
    for (const ClaimedKey& claimed : keys) {
        KeyText text(table, claimed.columns, claimed.collations);
        if (!text.has_columns()) {
            continue;
        }
        if (claimed.nulls_are_values) {
            text.take_nulls_for_values();
        }
        std::vector<std::size_t> of_key;
        for (const std::size_t column : text.columns()) {
            of_key.push_back(slots[column]);
        }
        ValueHashes values(ValueHashes::Use::uniqueness, ValueHashes::k_large_run / keys.size() + 1);
        m_keys.try_emplace(Place{claimed.kind, claimed.item},
                           Key{std::move(text), std::move(of_key), std::move(values), claimed.forbids_nulls});
    }
}

void WrittenKeys::add(const RowBatch& batch) {
    Account& account = m_tables[*m_current];
    const std::size_t rows = batch.row_count();
    account.rows += rows;
    if (!account.is_known) {
        return;
    }
    for (auto& [place, key] : m_keys) {
        for (std::size_t row = 0; row < rows; ++row) {
            if (key.text.put(batch, key.slots, row, m_text)) {
                key.values.add(m_text);
            } else {
                key.has_nulls = true;
            }
        }
    }
}

void WrittenKeys::forget(std::size_t index) {
    m_tables[index].is_known = false;
    if (m_current == index) {
        m_keys.clear();
    }
}

void WrittenKeys::settle() {
    if (m_current) {
        Account& account = m_tables[*m_current];
        for (auto& [place, key] : m_keys) {
            account.holds[place] = !(key.forbids_nulls && key.has_nulls) && key.values.all_differ();
        }
    }
    m_keys.clear();
    m_current.reset();
}

bool WrittenKeys::hold(std::size_t index, const ClaimedKey& key, std::uint64_t rows) {
    settle();
    if (rows == 0) {
        return true;
    }
    const auto account = m_tables.find(index);
    if (account == m_tables.end() || !account->second.is_known || account->second.rows != rows) {
        return false;
    }
    const auto known = account->second.holds.find({key.kind, key.item});
    return known != account->second.holds.end() && known->second;
}

}  // namespace migrate::backends::json
