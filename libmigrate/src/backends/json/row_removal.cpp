#include "backends/json/row_removal.hpp"

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/json/dead_letter_file.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/row_decoder.hpp"
#include "io/directory.hpp"
#include "model/canonical.hpp"
#include "model/row_json.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;

ScanSpec whole_rows(const Table& table) {
    ScanSpec spec;
    spec.table = &table;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].hidden && !table.columns[i].generated) {
            spec.columns.push_back(i);
        }
    }
    return spec;
}

/// The lines of a file, which all end in a line feed.
class Lines {
  public:
    explicit Lines(const StagedTable& table) : m_source(table.path(), 0, table.size()) {}

    /// With its line feed. Nullptr at the end.
    const std::string* next() {
        m_line.clear();
        for (;;) {
            const std::size_t end = m_block.find('\n', m_at);
            m_line.append(m_block, m_at, end == std::string::npos ? end : end + 1 - m_at);
            if (end != std::string::npos) {
                m_at = end + 1;
                return &m_line;
            }
            m_block.resize(k_block);
            m_block.resize(m_source.read(m_block.data(), m_block.size()));
            m_at = 0;
            if (m_block.empty()) {
                return m_line.empty() ? nullptr : &m_line;
            }
        }
    }

  private:
    FileSource m_source;
    std::string m_block;
    std::string m_line;
    std::size_t m_at = 0;
};

/// Makes dead letters of lines.
class LetterWriter {
  public:
    LetterWriter(const Table& table, backend::RemovedRows& removed, std::uint64_t first_ordinal)
        : m_table(table), m_removed(removed), m_decoder(whole_rows(table)), m_ordinal(first_ordinal) {
        for (const std::size_t column : whole_rows(table).columns) {
            const auto& key = table.primary_key;
            const std::string& name = table.columns[column].name;
            if (key && std::find(key->columns.begin(), key->columns.end(), name) != key->columns.end()) {
                m_shape.key.push_back(m_shape.names.size());
            }
            m_shape.names.push_back(name);
            m_shape.types.push_back(table.columns[column].type);
        }
    }

    void add(std::string_view line) {
        ViewSource source(line);
        TokenizerOptions options;
        options.refuse_duplicate_keys = false;
        options.max_depth = std::size_t{1} << 20U;  // as rows are read
        Tokenizer tokenizer(source, m_table.name.display(), options);
        Document document;
        document.read(tokenizer, tokenizer.next());
        m_row.reset(m_decoder.kinds());
        m_decoder.append(document, 0, m_row);
        if (m_row.row_count() != 1) {
            throw Error(ErrorCode::internal,
                        "a staged row of table " + m_table.name.display() + " is not read as it was written");
        }
        model::digest_rows(m_row, m_removed.digest);
        append_dead_letter({m_table.name.display(), backend::k_removed_chunk, m_ordinal++,
                            model::key_as_text(m_row, 0, m_shape), m_removed.column, m_removed.reason,
                            model::row_as_json(m_row, 0, m_shape)},
                           m_text);
        ++m_removed.rows;
    }
    const std::string& text() const { return m_text; }

  private:
    const Table& m_table;
    backend::RemovedRows& m_removed;
    RowDecoder m_decoder;
    model::RowShape m_shape;
    RowBatch m_row;
    std::uint64_t m_ordinal;
    std::string m_text;
};

/// Writes lines, and keeps the account of them that a staged table has.
class LineWriter {
  public:
    LineWriter(const std::string& path, const std::string& file)
        : m_account(path, file), m_file(io::File::create_new(path)) {}

    void add(std::string_view line) {
        m_block += line;
        if (m_block.size() > k_block) {
            flush();
        }
    }
    StagedTable finish() {
        flush();
        m_file.sync();
        m_file.close();
        m_account.commit({});
        return std::move(m_account);
    }

  private:
    void flush() {
        m_file.write(m_block);
        m_account.add(m_block);
        m_block.clear();
    }

    StagedTable m_account;
    io::File m_file;
    std::string m_block;
};

}  // namespace

void RowRemoval::remove(std::size_t index, Violators violators, const std::string& reason) {
    if (violators.count == 0) {
        return;
    }
    StagedTable& staged = m_staging.table(index);
    backend::RemovedRows removed;
    removed.table = index;
    removed.reason = reason;
    removed.digest.algorithm = m_plan.digests;
    LetterWriter letters(m_plan.schema.tables.at(index), removed, m_staging.removed_rows(index));
    const std::string path = io::join(m_staging.path(), "without.ndjson");
    io::remove_file(path);
    LineWriter kept(path, staged.file());
    Lines lines(staged);
    std::uint64_t ordinal = 0;
    for (const std::string* line = lines.next(); line != nullptr; line = lines.next()) {
        const SortedSpill::Item* next = violators.ordinals.peek();
        if (next != nullptr && next->key == ordinal_key(ordinal)) {
            violators.ordinals.pop();
            letters.add(*line);
        } else {
            kept.add(*line);
        }
        ++ordinal;
    }
    m_staging.take_out(index, kept.finish(), removed, letters.text());
    m_removed.push_back(std::move(removed));
}

}  // namespace migrate::backends::json
