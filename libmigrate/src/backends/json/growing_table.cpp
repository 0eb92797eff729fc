#include "backends/json/growing_table.hpp"

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/json/byte_copy.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/row_spans.hpp"
#include "model/canonical.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;
constexpr std::uint64_t k_appended_place = ~std::uint64_t{0};

ScanSpec all_of(const Table& table) {
    ScanSpec spec;
    spec.table = &table;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].hidden && !table.columns[i].generated) {
            spec.columns.push_back(i);
        }
    }
    return spec;
}

/// A file that is open, from an offset on.
class OpenSource : public ByteSource {
  public:
    OpenSource(const io::File& file, std::uint64_t first) : m_file(file), m_at(first) {}

    std::size_t read(char* into, std::size_t capacity) override {
        const std::size_t got = m_file.read_at(m_at, into, capacity);
        m_at += got;
        return got;
    }

  private:
    const io::File& m_file;
    std::uint64_t m_at;
};

std::string big(std::uint64_t number) {
    std::string text;
    util::append_big(text, number);
    return text;
}

[[noreturn]] void throw_damaged(const Table& table, const std::string& why) {
    ErrorFacts facts;
    facts.code = ErrorCode::malformed;
    facts.backend = "json";
    facts.table = table.name.display();
    throw Error(std::move(facts), why);
}

}  // namespace

GrowingTable::GrowingTable(Table table, RowRange rows, std::string directory, EncodeOptions options)
    : m_table(std::move(table)),
      m_range(std::move(rows)),
      m_directory(std::move(directory)),
      m_spec(all_of(m_table)),
      m_decoder(m_spec),
      m_encoder(m_table, options),
      m_latest(m_directory),
      m_rewrites(m_directory) {}

std::size_t GrowingTable::slot_of(const std::string& column) const {
    for (std::size_t slot = 0; slot < m_spec.columns.size(); ++slot) {
        if (m_table.columns[m_spec.columns[slot]].name == column) {
            return slot;
        }
    }
    throw Error(ErrorCode::internal, "table " + m_table.name.display() + " has no column " + column);
}

std::optional<std::size_t> GrowingTable::index(const std::vector<std::string>& columns,
                                               const std::vector<std::string>& collations,
                                               bool nulls_are_values) {
    KeyText text(m_table, columns, collations);
    if (!text.has_columns()) {
        return std::nullopt;
    }
    if (nulls_are_values) {
        text.take_nulls_for_values();
    }
    std::vector<std::size_t> slots;
    for (const std::string& column : columns) {
        slots.push_back(slot_of(column));
    }
    m_indexes.push_back({std::move(text), std::move(slots), KeyPlaces(m_directory)});
    return m_indexes.size() - 1;
}

void GrowingTable::look(DigestAlgorithm algorithm) {
    m_digest.algorithm = algorithm;
    RowSpans rows(m_range);
    RowBatch row;
    while (rows.next()) {
        row.reset(m_decoder.kinds());
        m_decoder.append(rows.document(), m_old_rows++, row);
        if (!row.rejects.empty()) {
            const RejectedRow& reject = row.rejects.front();
            throw_damaged(m_table,
                          (reject.column.empty() ? "" : "column " + reject.column + ": ") + reject.reason);
        }
        model::digest_rows(row, m_digest);
        add_keys(row, rows.begin());
    }
    m_old_end = rows.end();
    m_ends_line = rows.ends_line();
}

void GrowingTable::add_keys(const RowBatch& row, std::uint64_t place) {
    for (Index& index : m_indexes) {
        if (index.text.put(row, index.slots, 0, m_key)) {
            index.places.add(m_key, place);
        }
    }
}

bool GrowingTable::key_of(std::size_t index, const RowBatch& row, std::string& key) const {
    return m_indexes[index].text.put(row, m_indexes[index].slots, 0, key);
}

std::optional<std::uint64_t> GrowingTable::find(std::size_t index, const RowBatch& row) {
    return key_of(index, row, m_key) ? find(index, m_key) : std::nullopt;
}

std::optional<std::uint64_t> GrowingTable::find(std::size_t index, const std::string& key) {
    return m_indexes[index].places.find(key);
}

void GrowingTable::append(const RowBatch& row) {
    m_line.clear();
    m_encoder.append_row(row, 0, m_line);
    if (!m_new) {
        m_new = io::File::temporary(m_directory);
    }
    m_new->write(m_line);
    ++m_appended;
    model::digest_rows(row, m_digest);
    add_keys(row, k_appended_place);
}

std::optional<RowBatch> GrowingTable::row_at(std::uint64_t place) {
    if (place == k_appended_place) {
        return std::nullopt;
    }
    RowBatch row;
    row.reset(m_decoder.kinds());
    const auto take = [&](const Document& document) { m_decoder.append(document, 0, row); };
    if (const auto line = m_latest.find(big(place))) {
        OpenSource source(*m_lines, *line);
        read_row(source, m_table.name.display(), take);
    } else {
        FileSource source(m_range.path, place);
        read_row(source, m_range.path, take);
    }
    return row;
}

void GrowingTable::rewrite(std::uint64_t place, const RowBatch& before, const RowBatch& after) {
    FileSource source(m_range.path, place);
    const std::uint64_t end = place + read_row(source, m_range.path, [](const Document&) {});
    m_line.clear();
    m_encoder.append_row(after, 0, m_line);
    if (!m_lines) {
        m_lines = io::File::temporary(m_directory);
    }
    m_lines->write(m_line);
    m_latest.add(big(place), m_lines_size);
    m_lines_size += m_line.size();
    m_line.pop_back();
    m_rewrites.add(big(place), big(end) + m_line);
    ++m_rewritten;
    Digest old;
    old.algorithm = m_digest.algorithm;
    model::digest_rows(before, old);
    m_digest.subtract(old);
    model::digest_rows(after, m_digest);
    add_keys(after, place);
}

void GrowingTable::write(io::File& out) {
    m_rewrites.finish();
    copy_old(out);
    copy_new(out);
}

/// Everything up to the end of the last row; of lines, and where nothing is appended, all.
void GrowingTable::copy_old(io::File& out) {
    std::uint64_t at = m_range.first;
    while (const SortedSpill::Item* item = m_rewrites.peek()) {
        const std::string place = item->key;
        std::string text;
        for (; item != nullptr && item->key == place; item = m_rewrites.peek()) {
            text = item->text;  // The last of equal keys is what came last.
            m_rewrites.pop();
        }
        copy_bytes(m_range.path, at, util::load_big<std::uint64_t>(place.data()), out);
        out.write(std::string_view(text).substr(sizeof(std::uint64_t)));
        at = util::load_big<std::uint64_t>(text.data());
    }
    const bool is_whole = !m_range.is_array || m_appended == 0;
    copy_bytes(m_range.path, at, is_whole ? m_range.last : m_old_end, out);
}

// Lines become elements: a comma between two. A row has no line feed inside.
void GrowingTable::copy_new(io::File& out) {
    if (m_appended == 0) {
        return;
    }
    const std::string between = m_range.is_array ? ",\n" : "\n";
    bool has_before = m_range.is_array ? m_old_rows > 0 : !m_ends_line;
    std::string text = has_before ? between : m_range.is_array ? "\n" : "";
    bool is_between = false;
    std::string block(k_block, '\0');
    std::uint64_t at = 0;
    while (const std::size_t got = m_new->read_at(at, block.data(), block.size())) {
        at += got;
        for (const char c : std::string_view(block).substr(0, got)) {
            text += is_between ? between : "";
            is_between = c == '\n';
            if (!is_between) {
                text += c;
            }
        }
        out.write(text);
        text.clear();
    }
    out.write(m_range.is_array ? "\n]" : "\n");
}

}  // namespace migrate::backends::json
