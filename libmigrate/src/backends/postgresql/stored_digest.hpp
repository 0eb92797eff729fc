#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backend/column_changes.hpp"
#include "backends/postgresql/copy_decoder.hpp"
#include "backends/postgresql/physical_column.hpp"
#include "session/postgresql_session.hpp"

/// What a table holds, in a few bytes: for a rollback, which compares a table with itself.
namespace migrate::backends::postgresql::undo {

/// Order-independent sums over a table's rows, all columns of them. Two kinds, told apart by how the digest
/// begins; both persisted.
///     md5:   over every row's text, taken by the server.
///     copy:  over every row as the server sends it in binary COPY, taken here: in a fraction of the time,
///     and
///            on the way where rows are read anyway.
struct RowDigest {
    std::int64_t rows = 0;
    std::string digest;
    friend bool operator==(const RowDigest&, const RowDigest&) = default;
};

/// A digest of kind copy.
RowDigest copy_digest(const Digest& rows);

/// True where these are a table's columns, all of them in its order, asked for in the form in which kind copy
/// has them.
bool reads_all_stored(const std::vector<PhysicalColumn>& physical,
                      const std::vector<ColumnDecoding>& decodings);

/// Of kind md5. For tables of others, of which rows need not travel.
RowDigest digest_by_server(session::PostgresqlSession& session, const QualifiedName& table);
/// Of kind copy.
RowDigest digest_by_copy(session::PostgresqlSession& session, const QualifiedName& table);
/// Of the same kind as another.
RowDigest digest_like(session::PostgresqlSession& session, const QualifiedName& table,
                      const RowDigest& other);

/// The columns as the server's catalog has them.
std::vector<backend::StoredColumn> stored_columns(session::PostgresqlSession& session,
                                                  const QualifiedName& table);

}  // namespace migrate::backends::postgresql::undo
