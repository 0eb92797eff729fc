#include "backends/sqlite/chunking.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "backends/sqlite/catalog.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

std::uint64_t rows_per_chunk(const Table& table, std::uint64_t rows, const backend::ChunkOptions& options) {
    std::uint64_t wanted = std::max<std::uint64_t>(options.target_rows, 1);
    if (rows > 0 && table.byte_estimate > 0) {
        const std::uint64_t row_bytes = std::max<std::uint64_t>(table.byte_estimate / rows, 1);
        wanted = std::min(wanted, std::max<std::uint64_t>(options.target_bytes / row_bytes, 1));
    }
    return wanted;
}

/// Where no rowid is left out the bounds need not be looked for, which walks through the whole table. Empty
/// where some are.
std::vector<Chunk> split_dense(const SqliteSession& session, const Table& table, const std::string& rowid,
                               std::uint64_t rows, std::uint64_t wanted) {
    const std::string from = " FROM main." + quote_identifier(table.name.name);
    const std::int64_t first =
        session.query_integer("SELECT min(" + quote_identifier(rowid) + ")" + from, "split a table of");
    const std::int64_t last =
        session.query_integer("SELECT max(" + quote_identifier(rowid) + ")" + from, "split a table of");
    if (static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) != rows - 1) {
        return {};
    }
    std::vector<Chunk> chunks;
    for (std::uint64_t done = 0; done < rows; done += wanted) {
        Chunk chunk;
        chunk.kind = ChunkKind::rowid_range;
        chunk.index = static_cast<std::uint32_t>(chunks.size());
        chunk.row_estimate = std::min(wanted, rows - done);
        chunk.first =
            done == 0 ? std::numeric_limits<std::int64_t>::min() : first + static_cast<std::int64_t>(done);
        chunk.last = rows - done <= wanted ? std::numeric_limits<std::int64_t>::max()
                                           : first + static_cast<std::int64_t>(done + wanted) - 1;
        chunks.push_back(chunk);
    }
    return chunks;
}

}  // namespace

std::vector<Chunk> split_table(const SqliteSession& session, const Table& table,
                               const backend::ChunkOptions& options) {
    Chunk whole;
    whole.row_estimate = table.row_estimate;
    const std::string rowid = rowid_name(table);
    if (rowid.empty()) {
        return {whole};
    }
    const std::uint64_t rows =
        table.row_count_exact
            ? table.row_estimate
            : static_cast<std::uint64_t>(session.query_integer(
                  "SELECT count(*) FROM main." + quote_identifier(table.name.name), "count the rows of"));
    const std::uint64_t wanted = rows_per_chunk(table, rows, options);
    if (rows > wanted) {
        if (auto dense = split_dense(session, table, rowid, rows, wanted); !dense.empty()) {
            return dense;
        }
    }
    SqliteStatement bound(session,
                          "SELECT " + quote_identifier(rowid) + " FROM main." +
                              quote_identifier(table.name.name) + " WHERE " + quote_identifier(rowid) +
                              " >= ?1 ORDER BY " + quote_identifier(rowid) + " LIMIT 1 OFFSET ?2",
                          "split a table of");
    std::vector<Chunk> chunks;
    Chunk chunk;
    chunk.kind = ChunkKind::rowid_range;
    chunk.first = std::numeric_limits<std::int64_t>::min();
    for (std::uint64_t left = rows;; left -= wanted) {
        chunk.index = static_cast<std::uint32_t>(chunks.size());
        bound.bind(1, chunk.first).bind(2, static_cast<std::int64_t>(wanted));
        if (left <= wanted || !bound.step()) {
            chunk.last = std::numeric_limits<std::int64_t>::max();
            chunk.row_estimate = left;
            chunks.push_back(chunk);
            return chunks;
        }
        const std::int64_t next = bound.integer(0);
        bound.reset();
        chunk.last = next - 1;
        chunk.row_estimate = wanted;
        chunks.push_back(chunk);
        chunk.first = next;
    }
}

}  // namespace migrate::backends::sqlite
