#include "backends/sqlite/batch_table.hpp"

#include <exception>
#include <limits>
#include <vector>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/row_rewrite.hpp"
#include "backends/sqlite/writer.hpp"
#include "session/sqlite_error.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using Clock = std::chrono::steady_clock;

/// Of so many rows the clock is looked at for one.
constexpr std::size_t k_rows_per_sample = 128;

}  // namespace

struct BatchTable::Rows {
    const Table* table = nullptr;
    std::vector<const Column*> columns;
    std::vector<ColumnCodec> codecs;
    std::vector<std::string> scratch;  ///< One a column: what it says of a row lasts until the next row.
    std::size_t rowid = std::numeric_limits<std::size_t>::max();  ///< The column that is it, if one is.
    std::size_t most_bytes = 0;                                   ///< That SQLite takes as one value.

    const RowBatch* batch = nullptr;
    std::size_t row = 0;
    std::size_t end = 0;
    std::optional<Misfit> misfit;
    std::exception_ptr thrown;

    Clock::time_point sample_began;
    Clock::duration sampled{0};
    std::size_t samples = 0;

    /// Around the reading of a column; they come in their order.
    void begin_sample(std::size_t index) {
        if (row % k_rows_per_sample == 0 && index == 0) {
            sample_began = Clock::now();
        }
    }
    void end_sample(std::size_t index) {
        if (row % k_rows_per_sample == 0 && index + 1 == columns.size()) {
            sampled += Clock::now() - sample_began;
            ++samples;
        }
    }

    /// False, with the misfit, where the value cannot be written.
    bool read(std::size_t index, Cell& cell) {
        const ColumnVector& column = batch->columns[index];
        if (column.is_null(row)) {
            // SQLite would make up a key that no row has had.
            return index != rowid || refuse(index, "its key is NULL", SQLITE_CONSTRAINT_NOTNULL);
        }
        if (!codecs[index].encode(column, row, cell, scratch[index])) {
            const Column& said = *columns[index];
            return refuse(
                index,
                "the value cannot be said as " + (said.format.empty() ? to_string(said.type) : said.format),
                0);
        }
        return cell.bytes.size() <= most_bytes || refuse(index, "string or blob too big", SQLITE_TOOBIG);
    }

  private:
    bool refuse(std::size_t index, std::string why, int native_code) {
        misfit = Misfit{columns[index]->name, std::move(why), native_code};
        return false;
    }
};

namespace {

void hand_over(sqlite3_context* context, const Cell& cell) {
    const char* bytes = cell.bytes.empty() ? "" : cell.bytes.data();
    // Not copied: SQLite has made the record before the bytes change.
    switch (cell.storage) {
        case Cell::Class::integer:
            sqlite3_result_int64(context, cell.integer);
            break;
        case Cell::Class::real:
            sqlite3_result_double(context, cell.real);
            break;
        case Cell::Class::text:
            sqlite3_result_text64(context, bytes, cell.bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
            break;
        case Cell::Class::blob:
            sqlite3_result_blob64(context, bytes, cell.bytes.size(), SQLITE_STATIC);
            break;
        case Cell::Class::null:
            sqlite3_result_null(context);
            break;
    }
}

/// What SQLite calls. Nothing may be thrown through it.
template <typename Rows>
struct Module {
    struct Shown : sqlite3_vtab {
        Rows* rows = nullptr;
    };
    struct Cursor : sqlite3_vtab_cursor {};

    static Rows& rows_of(sqlite3_vtab_cursor* cursor) { return *static_cast<Shown*>(cursor->pVtab)->rows; }

    static int connect(sqlite3* connection, void* rows, int /*count*/, const char* const* /*arguments*/,
                       sqlite3_vtab** out, char** /*message*/) noexcept {
        try {
            auto shown = std::make_unique<Shown>();
            shown->rows = static_cast<Rows*>(rows);
            std::string sql;
            for (std::size_t i = 0; i < shown->rows->columns.size(); ++i) {
                sql += (sql.empty() ? "CREATE TABLE x(c" : ", c") + std::to_string(i);
            }
            *out = shown.release();
            return sqlite3_declare_vtab(connection, (sql + ")").c_str());
        } catch (...) {
            return SQLITE_NOMEM;
        }
    }

    static int disconnect(sqlite3_vtab* shown) noexcept {
        const std::unique_ptr<Shown> owned(static_cast<Shown*>(shown));
        return SQLITE_OK;
    }

    static int plan(sqlite3_vtab* /*shown*/, sqlite3_index_info* /*info*/) noexcept { return SQLITE_OK; }

    static int open(sqlite3_vtab* /*shown*/, sqlite3_vtab_cursor** out) noexcept {
        try {
            *out = std::make_unique<Cursor>().release();
            return SQLITE_OK;
        } catch (...) {
            return SQLITE_NOMEM;
        }
    }

    static int close(sqlite3_vtab_cursor* cursor) noexcept {
        const std::unique_ptr<Cursor> owned(static_cast<Cursor*>(cursor));
        return SQLITE_OK;
    }

    static int first(sqlite3_vtab_cursor* cursor, int /*number*/, const char* /*text*/, int /*count*/,
                     sqlite3_value** /*values*/) noexcept {
        rows_of(cursor).row = 0;
        return SQLITE_OK;
    }

    static int next(sqlite3_vtab_cursor* cursor) noexcept {
        ++rows_of(cursor).row;
        return SQLITE_OK;
    }

    static int is_at_end(sqlite3_vtab_cursor* cursor) noexcept {
        const Rows& rows = rows_of(cursor);
        return rows.row < rows.end ? 0 : 1;
    }

    static int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) noexcept {
        Rows& rows = rows_of(cursor);
        try {
            const auto at = static_cast<std::size_t>(index);
            rows.begin_sample(at);
            Cell cell;
            if (!rows.read(at, cell)) {
                return SQLITE_ERROR;
            }
            hand_over(context, cell);
            rows.end_sample(at);
            return SQLITE_OK;
        } catch (...) {
            rows.thrown = std::current_exception();
            return SQLITE_ERROR;
        }
    }

    static int row_number(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) noexcept {
        *out = static_cast<sqlite3_int64>(rows_of(cursor).row);
        return SQLITE_OK;
    }

    static sqlite3_module make() noexcept {
        sqlite3_module module{};
        // Without xCreate it is there under its own name, in no schema.
        module.xConnect = connect;
        module.xDisconnect = disconnect;
        module.xBestIndex = plan;
        module.xOpen = open;
        module.xClose = close;
        module.xFilter = first;
        module.xNext = next;
        module.xEof = is_at_end;
        module.xColumn = column;
        module.xRowid = row_number;
        return module;
    }
};

}  // namespace

BatchTable::BatchTable(const session::SqliteSession& session, const Table& table)
    : m_session(session), m_rows(std::make_unique<Rows>()) {
    static const sqlite3_module k_module = Module<Rows>::make();
    const std::string rowid = rowid_column(session, table.name.name);
    m_rows->table = &table;
    m_rows->columns = copied_columns(table);
    for (const Column* column : m_rows->columns) {
        if (!rowid.empty() && column->name == rowid) {
            m_rows->rowid = m_rows->codecs.size();
        }
        m_rows->codecs.emplace_back(column->type, column->format);
    }
    m_rows->scratch.resize(m_rows->columns.size());
    m_rows->most_bytes = static_cast<std::size_t>(sqlite3_limit(session.handle(), SQLITE_LIMIT_LENGTH, -1));
    // A table of that name would be read in its place.
    while (session.query_integer("SELECT count(*) FROM main.sqlite_schema WHERE name = " +
                                 session::quote_literal(m_name) + " COLLATE NOCASE") > 0) {
        m_name += '_';
    }
    const int result =
        sqlite3_create_module_v2(session.handle(), m_name.c_str(), &k_module, m_rows.get(), nullptr);
    if (result != SQLITE_OK) {
        session::throw_sqlite_error(session.handle(), result, "write table " + table.name.display() + " of",
                                    session.path());
    }
}

BatchTable::~BatchTable() {
    sqlite3_create_module_v2(m_session.handle(), m_name.c_str(), nullptr, nullptr, nullptr);
}

void BatchTable::show(const RowBatch& batch) {
    if (batch.columns.size() != m_rows->columns.size()) {
        throw Error(ErrorCode::internal, "a batch for table " + m_rows->table->name.display() + " has " +
                                             std::to_string(batch.columns.size()) + " columns, not " +
                                             std::to_string(m_rows->columns.size()));
    }
    m_rows->batch = &batch;
    m_rows->row = 0;
    m_rows->end = batch.row_count();
    m_rows->misfit.reset();
    m_rows->thrown = nullptr;
    m_rows->sampled = Clock::duration(0);
    m_rows->samples = 0;
}

std::chrono::steady_clock::duration BatchTable::encoding() const noexcept {
    if (m_rows->samples == 0) {
        return Clock::duration(0);
    }
    return m_rows->sampled * static_cast<std::int64_t>(m_rows->end) /
           static_cast<std::int64_t>(m_rows->samples);
}

std::size_t BatchTable::row() const noexcept {
    return m_rows->row;
}

std::optional<BatchTable::Misfit> BatchTable::misfit() const {
    if (m_rows->thrown) {
        std::rethrow_exception(m_rows->thrown);
    }
    return m_rows->misfit;
}

}  // namespace migrate::backends::sqlite
