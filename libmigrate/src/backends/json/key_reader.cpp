#include "backends/json/key_reader.hpp"

#include <algorithm>
#include <utility>

#include "backends/json/value_hashes.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

/// Keys in their order, with the ordinals of their rows as texts.
SortedSpill sorted_keys(const KeyReader& rows, const std::string& directory) {
    SortedSpill keys(directory);
    rows.read([&](const std::string* key, std::uint64_t ordinal) {
        if (key != nullptr) {
            keys.add(*key, ordinal_key(ordinal));
        }
    });
    keys.finish();
    return keys;
}

ValueHashes hashes_of(const KeyReader& rows, ValueHashes::Use use) {
    ValueHashes hashes(use);
    rows.read([&](const std::string* key, std::uint64_t) {
        if (key != nullptr) {
            hashes.add(*key);
        }
    });
    return hashes;
}

void add(Violators& violators, std::string ordinal) {
    ++violators.count;
    violators.ordinals.add(std::move(ordinal), "");
}

}  // namespace

KeyReader::KeyReader(const Table& table, const std::vector<std::string>& columns,
                     const std::vector<std::string>& collations, OpenRows open)
    : m_table(table), m_text(table, columns, collations), m_open(std::move(open)) {}

void KeyReader::read(const Visit& visit) const {
    ScanSpec spec;
    spec.table = &m_table;
    // A key may have a column twice, under two collations; it is read once.
    std::vector<std::size_t> slots;
    for (const std::size_t column : m_text.columns()) {
        const auto known = std::find(spec.columns.begin(), spec.columns.end(), column);
        slots.push_back(static_cast<std::size_t>(known - spec.columns.begin()));
        if (known == spec.columns.end()) {
            spec.columns.push_back(column);
        }
    }
    const auto reader = m_open(spec);
    RowBatch batch;
    std::string key;
    std::uint64_t ordinal = 0;
    for (bool more = true; more;) {
        more = reader->next(batch);
        for (std::size_t row = 0; row < batch.row_count(); ++row) {
            visit(m_text.put(batch, slots, row, key) ? &key : nullptr, ordinal++);
        }
    }
}

std::string ordinal_key(std::uint64_t ordinal) {
    std::string key;
    util::append_big(key, ordinal);
    return key;
}

Violators find_duplicates(const KeyReader& rows, const std::string& directory) {
    Violators found{0, SortedSpill(directory)};
    // As a rule there are none, which hashes tell in a fraction of the memory and the time.
    if (!hashes_of(rows, ValueHashes::Use::uniqueness).all_differ()) {
        SortedSpill keys = sorted_keys(rows, directory);
        std::string last;
        bool has_last = false;
        for (const SortedSpill::Item* item = keys.peek(); item != nullptr; item = keys.peek()) {
            if (has_last && item->key == last) {
                add(found, item->text);
            }
            last = item->key;
            has_last = true;
            keys.pop();
        }
    }
    found.ordinals.finish();
    return found;
}

Violators find_orphans(const KeyReader& rows, const KeyReader& others, const std::string& directory) {
    Violators found{0, SortedSpill(directory)};
    ValueHashes there = hashes_of(others, ValueHashes::Use::membership);
    ValueHashes here = hashes_of(rows, ValueHashes::Use::membership);
    if (there.count_missing(here) > 0) {
        SortedSpill wanted = sorted_keys(rows, directory);
        SortedSpill known = sorted_keys(others, directory);
        for (const SortedSpill::Item* item = wanted.peek(); item != nullptr; item = wanted.peek()) {
            while (known.peek() != nullptr && known.peek()->key < item->key) {
                known.pop();
            }
            if (known.peek() == nullptr || known.peek()->key != item->key) {
                add(found, item->text);
            }
            wanted.pop();
        }
    }
    found.ordinals.finish();
    return found;
}

Violators find_nulls(const KeyReader& rows, const std::string& directory) {
    Violators found{0, SortedSpill(directory)};
    rows.read([&](const std::string* key, std::uint64_t ordinal) {
        if (key == nullptr) {
            add(found, ordinal_key(ordinal));
        }
    });
    found.ordinals.finish();
    return found;
}

}  // namespace migrate::backends::json
