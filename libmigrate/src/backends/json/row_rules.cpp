#include "backends/json/row_rules.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

namespace migrate::backends::json {

namespace {

[[noreturn]] void refuse(const Table& table, const std::string& column, const std::string& why) {
    ErrorFacts facts;
    facts.code = ErrorCode::constraint;
    facts.backend = "json";
    facts.table = table.name.display();
    facts.column = column;
    throw Error(std::move(facts), why);
}

bool share(const std::vector<std::size_t>& slots, const std::vector<std::size_t>& columns) {
    return std::any_of(slots.begin(), slots.end(), [&](std::size_t slot) {
        return std::find(columns.begin(), columns.end(), slot) != columns.end();
    });
}

}  // namespace

RowRules::RowRules(GrowingTable& table) : m_table(table) {
    for (ClaimedKey& key : claimed_keys(table.table())) {
        if (const auto index = table.index(key.columns, key.collations, key.nulls_are_values)) {
            std::vector<std::size_t> slots = slots_of(key.columns);
            m_keys.push_back({std::move(key), *index, std::move(slots)});
        }
    }
}

void RowRules::add(const ForeignKey& key, GrowingTable& others) {
    KeySides sides = sides_of(key, m_table.table(), others.table());
    const bool are_comparable = sides.columns.size() == key.columns.size() && sides.here.has_columns();
    const auto index = are_comparable ? others.index(sides.columns, sides.collations, false) : std::nullopt;
    if (index) {
        m_references.push_back({std::move(sides.here), slots_of(key.columns), &others, *index});
    }
}

std::vector<std::size_t> RowRules::slots_of(const std::vector<std::string>& columns) const {
    std::vector<std::size_t> slots;
    slots.reserve(columns.size());
    for (const std::string& column : columns) {
        slots.push_back(m_table.slot_of(column));
    }
    return slots;
}

void RowRules::require_new(const RowBatch& row) {
    require_values(row);
    for (const OwnKey& key : m_keys) {
        require(key, row);
    }
    for (const Reference& key : m_references) {
        require(key, row);
    }
}

void RowRules::require_filled(const RowBatch& row, const std::vector<std::size_t>& columns) {
    for (const OwnKey& key : m_keys) {
        if (share(key.slots, columns)) {
            require(key, row);
        }
    }
    for (const Reference& key : m_references) {
        if (share(key.slots, columns)) {
            require(key, row);
        }
    }
}

void RowRules::require_values(const RowBatch& row) const {
    for (const Column& column : m_table.table().columns) {
        if (!column.nullable && row.columns.at(m_table.slot_of(column.name)).is_null(0)) {
            refuse(m_table.table(), column.name, "the row has no value in it, and must have one");
        }
    }
}

void RowRules::require(const OwnKey& key, const RowBatch& row) {
    if (!m_table.key_of(key.index, row, m_text)) {
        if (key.key.forbids_nulls) {
            refuse(m_table.table(), "", key.key.name + ": the row has no value in it");
        }
        return;
    }
    if (m_table.find(key.index, m_text)) {
        refuse(m_table.table(), "", key.key.name + ": the row repeats the key of another");
    }
}

void RowRules::require(const Reference& key, const RowBatch& row) {
    if (!key.text.put(row, key.slots, 0, m_text) || key.others->find(key.index, m_text)) {
        return;
    }
    const bool is_own = key.others == &m_table && m_table.key_of(key.index, row, m_own) && m_own == m_text;
    if (!is_own) {
        refuse(m_table.table(), "", "foreign key: the row points to a row that is not there");
    }
}

std::optional<std::uint64_t> RowRules::place_of(const RowBatch& row) {
    if (m_keys.empty() || m_keys.front().key.kind != backend::BuildStep::Kind::primary_key) {
        throw Error(ErrorCode::row, "its table has no primary key by which the row could be found again");
    }
    return m_table.find(m_keys.front().index, row);
}

}  // namespace migrate::backends::json
