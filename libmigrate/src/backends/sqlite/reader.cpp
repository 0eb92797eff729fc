#include "backends/sqlite/reader.hpp"

#include <algorithm>
#include <optional>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/misread.hpp"
#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/reject.hpp"
#include "backends/sqlite/stored_row.hpp"
#include "backends/sqlite/text_cell.hpp"
#include "model/value_text.hpp"
#include "session/sqlite_error.hpp"
#include "session/sqlite_hold.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

/// The scan's SELECT and what is bound to it.
class ScanQuery {
  public:
    explicit ScanQuery(const ScanSpec& spec)
        : m_spec(spec), m_table(*spec.table), m_rowid(rowid_name(m_table)) {
        for (const std::size_t column : spec.columns) {
            const std::string name = quote_identifier(m_table.columns[column].name);
            m_sql += (m_sql.empty() ? "SELECT " : ", ") +
                     (spec.route == ReadRoute::text ? text_expression(name) : name);
        }
        m_sql += (m_sql.empty() ? "SELECT " : ", ") + (m_rowid.empty() ? "NULL" : quote_identifier(m_rowid));
        m_sql += " FROM main." + quote_identifier(m_table.name.name);
        add_range();
        add_watermark();
        add_key();
        add_order();
    }

    [[nodiscard]] const std::string& sql() const noexcept { return m_sql; }
    [[nodiscard]] const std::string& rowid() const noexcept { return m_rowid; }
    /// The parameter of the first key column; the others follow.
    [[nodiscard]] int first_key_parameter() const noexcept { return m_key_parameter; }

    void bind(SqliteStatement& statement) const {
        int parameter = 1;
        if (m_ranged) {
            statement.bind(parameter++, m_spec.chunk.first);
            statement.bind(parameter++, m_spec.chunk.last);
        }
        if (m_spec.watermark && !m_spec.watermark->after.empty()) {
            statement.bind(parameter++, m_spec.watermark->after);
        }
        if (m_spec.watermark && !m_spec.watermark->upto.empty()) {
            statement.bind(parameter, m_spec.watermark->upto);
        }
    }

  private:
    void condition(const std::string& text) { m_sql += (m_conditions++ == 0 ? " WHERE " : " AND ") + text; }
    std::string next_parameter() { return "?" + std::to_string(++m_parameters); }

    void add_range() {
        m_ranged = m_spec.chunk.kind == ChunkKind::rowid_range;
        if (!m_ranged) {
            return;
        }
        if (m_rowid.empty()) {
            throw Error(ErrorCode::internal, "a rowid range was asked of a table without rowids");
        }
        const std::string first = next_parameter();
        condition(quote_identifier(m_rowid) + " BETWEEN " + first + " AND " + next_parameter());
    }

    void add_watermark() {
        if (!m_spec.watermark) {
            return;
        }
        const std::string column = quote_identifier(m_spec.watermark->column);
        if (!m_spec.watermark->after.empty()) {
            condition(column + " > " + next_parameter());
        }
        if (!m_spec.watermark->upto.empty()) {
            condition(column + " <= " + next_parameter());
        }
    }

    void add_key() {
        m_key_parameter = m_parameters + 1;
        if (m_spec.keys.empty()) {
            return;
        }
        if (!m_table.primary_key) {
            throw Error(ErrorCode::internal, "rows were asked for by key of a table without a primary key");
        }
        for (const std::string& column : m_table.primary_key->columns) {
            condition(quote_identifier(column) + " IS " + next_parameter());
        }
    }

    void add_order() {
        if (m_spec.order != ScanOrder::primary_key) {
            return;
        }
        std::string keys;
        if (m_table.primary_key) {
            for (const std::string& column : m_table.primary_key->columns) {
                keys += (keys.empty() ? "" : ", ") + quote_identifier(column);
            }
        } else if (!m_rowid.empty()) {
            keys = quote_identifier(m_rowid);
        }
        m_sql += keys.empty() ? "" : " ORDER BY " + keys;
    }

    const ScanSpec& m_spec;
    const Table& m_table;
    std::string m_rowid;
    std::string m_sql;
    int m_parameters = 0;
    int m_conditions = 0;
    int m_key_parameter = 0;
    bool m_ranged = false;
};

class SqliteReader final : public backend::Reader {
  public:
    SqliteReader(Snapshot& snapshot, const ScanSpec& spec, std::shared_ptr<backend::StagedDigests> stored,
                 std::shared_ptr<ProfileBook> book)
        : m_lease(snapshot),
          m_table(*spec.table),
          m_keys(spec.keys),
          m_limits(spec.limits),
          m_null_misfits(spec.null_misfits),
          m_profile(std::move(book), spec) {
        const ScanQuery query(spec);
        m_rowid = query.rowid();
        m_first_key = query.first_key_parameter();
        for (const std::size_t column : spec.columns) {
            m_codecs.emplace_back(m_table.columns[column].type, m_table.columns[column].format);
            m_names.push_back(m_table.columns[column].name);
            m_kinds.push_back(m_codecs.back().type().kind);
        }
        m_statement.emplace(m_lease.session(), query.sql(), "read table " + m_table.name.display() + " of");
        query.bind(*m_statement);
        if (!m_keys.empty()) {
            collect_key_codecs();
        }
        m_table.native_sql.clear();
        m_cells.resize(m_codecs.size());
        if (spec.route == ReadRoute::text) {
            m_text.emplace(m_codecs.size());
        }
        m_part = spec.chunk.index;
        if (stored != nullptr && reads_all_stored(spec)) {
            m_stored = std::move(stored);
        }
    }

    bool next(RowBatch& batch) override {
        prepare(batch);
        std::size_t bytes = 0;
        const session::SqliteHold hold(sqlite3_db_handle(m_statement->handle()));
        // Rejects are held too, so they count.
        for (std::size_t rows = 0; rows < m_limits.max_rows && bytes < m_limits.max_bytes && step(); ++rows) {
            bytes += take_row(batch);
            ++m_ordinal;
        }
        if (!m_text) {
            backend::misread(batch);
        }
        return batch.row_count() > 0 || !m_done;
    }

  private:
    /// What SELECT * would give of the rows of one part. Cells hold text as UTF-8.
    [[nodiscard]] bool reads_all_stored(const ScanSpec& spec) const {
        bool all = spec.route == ReadRoute::native && spec.keys.empty() && !spec.watermark &&
                   spec.columns.size() == m_table.columns.size();
        for (std::size_t i = 0; all && i < spec.columns.size(); ++i) {
            all = spec.columns[i] == i;
        }
        return all && m_lease.session().query_text("PRAGMA main.encoding") == "UTF-8";
    }

    void prepare(RowBatch& batch) const {
        bool same = batch.columns.size() == m_kinds.size();
        for (std::size_t i = 0; same && i < m_kinds.size(); ++i) {
            same = batch.columns[i].kind() == m_kinds[i];
        }
        if (same) {
            batch.clear();
        } else {
            batch.reset(m_kinds);
        }
        batch.bare_rows = 0;
        batch.first_ordinal = m_ordinal;
    }

    void collect_key_codecs() {
        for (const std::string& name : m_table.primary_key->columns) {
            const Column* column = m_table.find_column(name);
            m_key_codecs.emplace_back(column->type, column->format);
        }
        bind_key();
    }

    /// False when there are no more keys.
    bool bind_key() {
        if (m_next_key == m_keys.size()) {
            return false;
        }
        const auto& key = m_keys[m_next_key++];
        for (std::size_t i = 0; i < m_key_codecs.size() && i < key.size(); ++i) {
            ColumnVector value(m_key_codecs[i].type().kind);
            Cell cell;
            std::string scratch;
            if (!model::append_from_text(value, m_key_codecs[i].type(), key[i]) ||
                !m_key_codecs[i].encode(value, 0, cell, scratch)) {
                cell = Cell::of_text(key[i]);
            }
            bind_copy(m_first_key + static_cast<int>(i), cell);
        }
        return true;
    }

    void bind_copy(int parameter, const Cell& cell) {
        if (cell.storage == Cell::Class::text) {
            m_statement->bind(parameter, cell.bytes);
        } else if (cell.storage == Cell::Class::blob) {
            sqlite3_bind_blob64(m_statement->handle(), parameter, cell.bytes.data(), cell.bytes.size(),
                                SQLITE_TRANSIENT);
        } else {
            bind_cell(m_statement->handle(), parameter, cell);
        }
    }

    bool step() {
        if (m_done) {
            return false;
        }
        while (!m_statement->step()) {
            // Bindings stay, so that the range's do.
            sqlite3_reset(m_statement->handle());
            if (m_keys.empty() || !bind_key()) {
                m_done = true;
                m_profile.finish();
                if (m_stored != nullptr) {
                    m_stored->add(m_table.name, m_part, m_digest);
                }
                return false;
            }
        }
        return true;
    }

    void read_row() {
        for (std::size_t i = 0; i < m_cells.size(); ++i) {
            const auto column = static_cast<int>(i);
            m_cells[i] = m_text ? m_text->read(m_statement->handle(), column)
                                : read_cell(m_statement->handle(), column);
        }
        m_profile.add(m_cells);
        if (m_stored != nullptr) {
            for (const Cell& cell : m_cells) {
                m_row.add(cell);
            }
            m_row.finish(m_digest);
        }
    }

    /// Returns the bytes that the row added.
    std::size_t take_row(RowBatch& batch) {
        read_row();
        std::size_t bytes = 0;
        std::string misfits;
        for (std::size_t i = 0; i < m_codecs.size(); ++i) {
            const Cell& cell = m_cells[i];
            bytes += sizeof(std::int64_t) + cell.bytes.size();
            if (cell.storage == Cell::Class::null) {
                batch.columns[i].append_null();
            } else if (m_codecs[i].decode(cell, batch.columns[i])) {
                continue;
            } else if (i < m_null_misfits.size() && m_null_misfits[i]) {
                batch.columns[i].append_null();
                misfits += (misfits.empty() ? "" : ", ") + m_names[i];
                bytes += note(batch, misfits, i, true);
            } else {
                for (std::size_t before = 0; before < i; ++before) {
                    batch.columns[before].pop_back();
                }
                return bytes + note(batch, m_names[i], i, false);
            }
        }
        if (m_codecs.empty()) {
            ++batch.bare_rows;
        }
        return bytes;
    }

    /// Returns the bytes that it holds. One row has one reject, whatever was wrong with it before.
    std::size_t note(RowBatch& batch, const std::string& columns, std::size_t column, bool kept) {
        if (!batch.rejects.empty() && batch.rejects.back().ordinal == m_ordinal) {
            batch.rejects.pop_back();
        }
        RejectedRow row;
        row.ordinal = m_ordinal;
        row.column = columns;
        row.reason = "the value cannot be read as " + to_string(m_codecs[column].type());
        row.kept = kept;
        const int rowid = static_cast<int>(m_codecs.size());
        if (sqlite3_column_type(m_statement->handle(), rowid) == SQLITE_INTEGER) {
            row.key = std::to_string(sqlite3_column_int64(m_statement->handle(), rowid));
        }
        row.row = row_as_json(m_statement->handle(), m_names);
        const std::size_t bytes = row.row.size();
        batch.rejects.push_back(std::move(row));
        return bytes;
    }

    Snapshot::Lease m_lease;
    Table m_table;
    std::vector<std::vector<std::string>> m_keys;
    BatchLimits m_limits;
    std::vector<bool> m_null_misfits;
    std::string m_rowid;
    std::vector<ColumnCodec> m_codecs;
    std::vector<ColumnCodec> m_key_codecs;
    std::vector<std::string> m_names;
    std::vector<TypeKind> m_kinds;
    std::optional<SqliteStatement> m_statement;
    std::size_t m_next_key = 0;
    int m_first_key = 0;
    std::uint64_t m_ordinal = 0;
    bool m_done = false;
    std::vector<Cell> m_cells;        ///< Of the current row.
    std::optional<TextCells> m_text;  ///< By ReadRoute::text.
    ChunkProfile m_profile;
    std::shared_ptr<backend::StagedDigests> m_stored;
    std::size_t m_part = 0;
    StoredRow m_row;
    Digest m_digest;
};

}  // namespace

std::unique_ptr<backend::Reader> make_reader(Snapshot& snapshot, const ScanSpec& spec,
                                             std::shared_ptr<backend::StagedDigests> stored,
                                             std::shared_ptr<ProfileBook> book) {
    return std::make_unique<SqliteReader>(snapshot, spec, std::move(stored), std::move(book));
}

}  // namespace migrate::backends::sqlite
