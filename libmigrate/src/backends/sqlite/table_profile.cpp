#include "backends/sqlite/table_profile.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <sqlite3.h>

#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/cell.hpp"
#include "session/sqlite_hold.hpp"
#include "session/sqlite_statement.hpp"
#include "util/rate_limit.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

/// Rows between two reports of progress.
constexpr std::uint64_t k_report_rows = 65'536;
/// So many rows are read first, by one connection: most tables end there, and of the others most columns have
/// shown by then which readings are to be tried.
constexpr std::uint64_t k_first_rows = 20'000;
/// More than there are readers, so that none is left with the last one.
constexpr std::uint64_t k_parts = 64;

struct RowidRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

std::string select_of(const Table& table, const std::vector<std::size_t>& columns) {
    std::string sql;
    for (const std::size_t column : columns) {
        sql += (sql.empty() ? "SELECT " : ", ") + quote_identifier(table.columns[column].name);
    }
    return (sql.empty() ? "SELECT NULL" : sql) + " FROM main." + quote_identifier(table.name.name);
}

/// Equal slices of what rowids there are: a count of rows would have to walk through all of them.
std::vector<RowidRange> slices(std::int64_t first, std::int64_t last) {
    const auto begin = static_cast<std::uint64_t>(first);
    const std::uint64_t span = static_cast<std::uint64_t>(last) - begin;
    const std::uint64_t step = span / k_parts + 1;
    std::vector<RowidRange> ranges;
    for (std::uint64_t at = 0;; at += step) {
        const bool is_last = span - at < step;
        ranges.push_back({static_cast<std::int64_t>(begin + at),
                          is_last ? last : static_cast<std::int64_t>(begin + at + step - 1)});
        if (is_last) {
            return ranges;
        }
    }
}

class ProfileScan {
  public:
    ProfileScan(Snapshot& snapshot, const Table& table, std::vector<ColumnProfile> start, unsigned readers)
        : m_snapshot(snapshot),
          m_table(table),
          m_readers(readers),
          m_rowid(rowid_name(table)),
          m_start(std::move(start)),
          m_seed(m_start) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            m_all.push_back(i);
        }
    }

    TableProfile run() {
        const bool ended = scan_first();
        if (!ended) {
            scan_parts();
        }
        const auto& context = m_snapshot.context();
        if (context.progress) {
            context.progress(m_table.name.name, m_rows, m_rows);
        }
        return {std::move(m_seed), m_rows};
    }

  private:
    [[nodiscard]] bool can_split() const { return m_readers > 1 && !m_rowid.empty(); }

    [[nodiscard]] std::string doing() const { return "read table " + m_table.name.display() + " of"; }

    /// True where that was all.
    bool scan_first() {
        std::string sql = select_of(m_table, m_all);
        if (can_split()) {
            sql += " ORDER BY " + quote_identifier(m_rowid) + " LIMIT " + std::to_string(k_first_rows);
        }
        const std::uint64_t rows = scan(m_snapshot.catalog(), sql, {}, m_seed);
        return !can_split() || rows < k_first_rows;
    }

    /// Adds every row to the profiles. Returns how many there were.
    std::uint64_t scan(const SqliteSession& session, const std::string& sql,
                       const std::optional<RowidRange>& range, std::vector<ColumnProfile>& profiles) {
        SqliteStatement statement(session, sql, doing());
        if (range) {
            statement.bind(1, range->first).bind(2, range->last);
        }
        std::uint64_t rows = 0;
        for (bool more = true; more;) {
            const std::uint64_t before = rows;
            more = scan_some(statement, profiles, rows_at_once(), rows);
            hold_back(rows - before);
            report(rows - before);
        }
        return rows;
    }

    /// False at the end.
    static bool scan_some(SqliteStatement& statement, std::vector<ColumnProfile>& profiles,
                          std::uint64_t some, std::uint64_t& rows) {
        const session::SqliteHold hold(sqlite3_db_handle(statement.handle()));
        for (std::uint64_t i = 0; i < some; ++i, ++rows) {
            if (!statement.step()) {
                return false;
            }
            int column = 0;
            for (ColumnProfile& profile : profiles) {
                profile.add(read_cell(statement.handle(), column++));
            }
        }
        return true;
    }

    [[nodiscard]] std::uint64_t rows_at_once() const {
        const auto& rate = m_snapshot.context().rate;
        return rate != nullptr ? rate->rows_at_once(k_report_rows) : k_report_rows;
    }

    void hold_back(std::uint64_t rows) {
        const auto& context = m_snapshot.context();
        if (context.rate != nullptr) {
            context.rate->pass(rows, 0, context.stop);
        }
    }

    void report(std::uint64_t more) {
        const std::uint64_t rows = m_rows += more;
        const auto& context = m_snapshot.context();
        if (context.progress && more > 0) {
            context.progress(m_table.name.name, rows, 0);
        }
    }

    void scan_parts() {
        find_ranges();
        m_parts.resize(m_ranges.size());
        {
            std::vector<std::jthread> threads;
            for (unsigned i = 1; i < m_readers; ++i) {
                threads.emplace_back([this] { work(); });
            }
            work();
        }
        if (m_error) {
            std::rethrow_exception(m_error);
        }
        std::vector<std::size_t> late;
        for (const std::size_t column : m_all) {
            merge(column, late);
        }
        scan_again(late);
    }

    void find_ranges() {
        const std::string rowid = quote_identifier(m_rowid);
        const std::string of = " FROM main." + quote_identifier(m_table.name.name);
        SqliteStatement next(m_snapshot.catalog(),
                             "SELECT " + rowid + of + " ORDER BY " + rowid + " LIMIT 1 OFFSET ?1", doing());
        next.bind(1, static_cast<std::int64_t>(k_first_rows));
        if (!next.step()) {
            return;
        }
        SqliteStatement last(m_snapshot.catalog(), "SELECT max(" + rowid + ")" + of, doing());
        last.step();
        m_ranges = slices(next.integer(0), last.integer(0));
    }

    void work() {
        try {
            const Snapshot::Lease lease(m_snapshot);
            const std::string rowid = quote_identifier(m_rowid);
            const std::string sql = select_of(m_table, m_all) + " WHERE " + rowid + " BETWEEN ?1 AND ?2";
            for (std::size_t i = m_next++; i < m_ranges.size() && !m_failed; i = m_next++) {
                std::vector<ColumnProfile> part;
                for (const ColumnProfile& profile : m_seed) {
                    part.push_back(profile.fork());
                }
                scan(lease.session(), sql, m_ranges[i], part);
                m_parts[i] = std::move(part);
            }
        } catch (...) {
            const std::scoped_lock lock(m_mutex);
            m_failed = true;
            if (!m_error) {
                m_error = std::current_exception();
            }
        }
    }

    /// Which readings are tried is for a column's first value to say. Where several parts have taken each its
    /// own, the column has to be read once more.
    void merge(std::size_t column, std::vector<std::size_t>& late) {
        ColumnProfile& whole = m_seed[column];
        const bool settled = whole.is_settled();
        std::size_t guessed = 0;
        for (const auto& part : m_parts) {
            guessed += part[column].is_settled() ? 1U : 0U;
        }
        if (!settled && guessed > 1) {
            late.push_back(column);
            return;
        }
        for (const auto& part : m_parts) {
            whole.merge(part[column]);
        }
    }

    /// One pass in the table's order, whose rows are counted already.
    void scan_again(const std::vector<std::size_t>& columns) {
        if (columns.empty()) {
            return;
        }
        SqliteStatement statement(m_snapshot.catalog(),
                                  select_of(m_table, columns) + " ORDER BY " + quote_identifier(m_rowid),
                                  doing());
        std::vector<ColumnProfile> again;
        for (const std::size_t column : columns) {
            again.push_back(m_start[column]);
        }
        std::uint64_t rows = 0;
        for (bool more = true; more;) {
            const std::uint64_t before = rows;
            more = scan_some(statement, again, rows_at_once(), rows);
            hold_back(rows - before);
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            m_seed[columns[i]] = std::move(again[i]);
        }
    }

    Snapshot& m_snapshot;
    const Table& m_table;
    unsigned m_readers;
    std::string m_rowid;
    std::vector<std::size_t> m_all;
    std::vector<ColumnProfile> m_start;
    std::vector<ColumnProfile> m_seed;  ///< After the first rows, and in the end of all.
    std::vector<RowidRange> m_ranges;
    std::vector<std::vector<ColumnProfile>> m_parts;  ///< One for each range; each written by one thread.
    std::atomic<std::size_t> m_next = 0;
    std::atomic<std::uint64_t> m_rows = 0;
    std::atomic<bool> m_failed = false;
    std::mutex m_mutex;  ///< Guards m_error.
    std::exception_ptr m_error;
};

}  // namespace

TableProfile profile_table(Snapshot& snapshot, const Table& table, std::vector<ColumnProfile> start,
                           unsigned readers) {
    return ProfileScan(snapshot, table, std::move(start), readers).run();
}

}  // namespace migrate::backends::sqlite
