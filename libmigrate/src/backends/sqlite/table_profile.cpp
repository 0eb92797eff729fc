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
#include "backends/sqlite/profile_parts.hpp"
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
          m_profiles(m_start) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            m_all.push_back(i);
        }
    }

    TableProfile run() {
        const std::uint64_t first = can_split() ? scan_first() : scan_all();
        if (can_split() && first == k_first_rows) {
            scan_parts();
        }
        report_end();
        return {std::move(m_profiles), m_rows, m_rows};
    }

    TableProfile run_first() {
        const std::uint64_t read = scan_first();
        const std::uint64_t rows = read < k_first_rows ? read : count();
        return {std::move(m_profiles), rows, read};
    }

    /// One pass in the table's order, whose rows are counted already.
    void again(const std::vector<std::size_t>& columns, std::vector<ColumnProfile>& profiles) {
        if (columns.empty()) {
            return;
        }
        SqliteStatement statement(m_snapshot.catalog(), select_of(m_table, columns) + order(), doing());
        std::vector<ColumnProfile> fresh;
        for (const std::size_t column : columns) {
            fresh.push_back(m_start[column]);
        }
        std::uint64_t rows = 0;
        for (bool more = true; more;) {
            const std::uint64_t before = rows;
            more = scan_some(statement, fresh, rows_at_once(), rows);
            hold_back(rows - before);
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            profiles[columns[i]] = std::move(fresh[i]);
        }
    }

  private:
    [[nodiscard]] bool can_split() const { return m_readers > 1 && !m_rowid.empty(); }

    [[nodiscard]] std::string doing() const { return "read table " + m_table.name.display() + " of"; }

    [[nodiscard]] std::string order() const {
        return m_rowid.empty() ? "" : " ORDER BY " + quote_identifier(m_rowid);
    }

    std::uint64_t scan_all() { return scan(m_snapshot.catalog(), select_of(m_table, m_all), {}, m_profiles); }

    std::uint64_t scan_first() {
        return scan(m_snapshot.catalog(),
                    select_of(m_table, m_all) + order() + " LIMIT " + std::to_string(k_first_rows), {},
                    m_profiles);
    }

    [[nodiscard]] std::uint64_t count() const {
        return static_cast<std::uint64_t>(m_snapshot.catalog().query_integer(
            "SELECT count(*) FROM main." + quote_identifier(m_table.name.name), "count the rows of"));
    }

    void report_end() {
        const auto& context = m_snapshot.context();
        if (context.progress) {
            context.progress(m_table.name.name, m_rows, m_rows);
        }
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
        m_parts.emplace(m_profiles, ProfileParts::FirstRows::counted);
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
        m_profiles = m_parts->whole();
        again(m_parts->late(), m_profiles);
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
                std::vector<ColumnProfile> part = m_parts->fork();
                scan(lease.session(), sql, m_ranges[i], part);
                m_parts->add(part);
            }
        } catch (...) {
            const std::scoped_lock lock(m_mutex);
            m_failed = true;
            if (!m_error) {
                m_error = std::current_exception();
            }
        }
    }

    Snapshot& m_snapshot;
    const Table& m_table;
    unsigned m_readers;
    std::string m_rowid;
    std::vector<std::size_t> m_all;
    std::vector<ColumnProfile> m_start;
    std::vector<ColumnProfile> m_profiles;  ///< After the first rows, and in the end of all.
    std::vector<RowidRange> m_ranges;
    std::optional<ProfileParts> m_parts;
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

TableProfile profile_first_rows(Snapshot& snapshot, const Table& table, std::vector<ColumnProfile> start) {
    return ProfileScan(snapshot, table, std::move(start), 1).run_first();
}

void profile_again(Snapshot& snapshot, const Table& table, const std::vector<std::size_t>& columns,
                   const std::vector<ColumnProfile>& start, TableProfile& profile) {
    ProfileScan(snapshot, table, start, 1).again(columns, profile.columns);
}

}  // namespace migrate::backends::sqlite
