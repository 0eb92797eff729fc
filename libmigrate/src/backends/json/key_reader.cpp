#include "backends/json/key_reader.hpp"

#include <algorithm>
#include <utility>

#include "backends/json/value_hashes.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

bool is_number(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64 ||
           kind == TypeKind::float32 || kind == TypeKind::float64 || kind == TypeKind::decimal;
}

// 10.10 and 10.1, 1.0 and 1, -0 and 0 are one number each.
void trim_number(std::string& text) {
    if (text.find('.') != std::string::npos && text.find('e') == std::string::npos) {
        text.resize(text.find_last_not_of('0') + 1);
        text.resize(text.size() - (text.back() == '.' ? 1 : 0));
    }
    if (text == "-0") {
        text = "0";
    }
}

void trim_blanks(std::string& text) {
    text.resize(text.find_last_not_of(' ') + 1);
}

void fold(std::string& text, const std::string& collation) {
    std::string name = collation;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (name == "NOCASE") {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    } else if (name == "RTRIM") {
        trim_blanks(text);
    }
}

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
    : m_table(table), m_open(std::move(open)) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column* column = table.find_column(columns[i]);
        if (column == nullptr || column->hidden || column->generated) {
            m_has_columns = false;
            return;
        }
        m_columns.push_back(static_cast<std::size_t>(column - table.columns.data()));
        m_collations.push_back(i < collations.size() && !collations[i].empty() ? collations[i]
                                                                               : column->collation);
    }
    m_has_columns = !m_columns.empty();
}

// False where it is NULL. No text is the beginning of another.
bool KeyReader::append_value(const ColumnVector& values, std::size_t row, std::size_t column,
                             std::string& key) const {
    if (values.is_null(row)) {
        key += m_nulls_are_values ? "n" : "";
        return m_nulls_are_values;
    }
    const LogicalType& type = m_table.columns[m_columns[column]].type;
    std::string text;
    if (type.kind == TypeKind::variant) {
        text = values.bytes(row);
    } else {
        model::append_text(values, row, type, text);
    }
    if (is_number(type.kind)) {
        trim_number(text);
    } else if (type.kind == TypeKind::text) {
        fold(text, m_collations[column]);
        if (type.fixed_length) {
            trim_blanks(text);
        }
    }
    util::append_big(key, static_cast<std::uint64_t>(text.size()));
    key += text;
    return true;
}

void KeyReader::read(const Visit& visit) const {
    ScanSpec spec;
    spec.table = &m_table;
    spec.columns = m_columns;
    const auto reader = m_open(spec);
    RowBatch batch;
    std::string key;
    std::uint64_t ordinal = 0;
    for (bool more = true; more;) {
        more = reader->next(batch);
        for (std::size_t row = 0; row < batch.row_count(); ++row) {
            key.clear();
            bool is_whole = true;
            for (std::size_t i = 0; i < m_columns.size() && is_whole; ++i) {
                is_whole = append_value(batch.columns[i], row, i, key);
            }
            visit(is_whole ? &key : nullptr, ordinal++);
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
