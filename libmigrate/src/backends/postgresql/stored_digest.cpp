#include "backends/postgresql/stored_digest.hpp"

#include <memory>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/copy_reader.hpp"
#include "backends/postgresql/identifier.hpp"
#include "model/canonical.hpp"

namespace migrate::backends::postgresql::undo {
namespace {

constexpr std::string_view k_copy_kind = "copy:";

struct CopyMessageDeleter {
    void operator()(char* message) const noexcept { PQfreemem(message); }
};

/// As a reader asks for it whose type is the column's own.
std::string expression_of(const PhysicalColumn& column) {
    return decoding_of(column.name, column.type, logical_type_of(column.type)).expression;
}

}  // namespace

RowDigest copy_digest(const Digest& rows) {
    return {static_cast<std::int64_t>(rows.rows), std::string(k_copy_kind) + to_string(rows)};
}

bool reads_all_stored(const std::vector<PhysicalColumn>& physical,
                      const std::vector<ColumnDecoding>& decodings) {
    bool all = physical.size() == decodings.size();
    for (std::size_t i = 0; all && i < physical.size(); ++i) {
        all = expression_of(physical[i]) == decodings[i].expression;
    }
    return all;
}

RowDigest digest_by_server(session::PostgresqlSession& session, const QualifiedName& table) {
    const auto rows = session.query(
        fmt::format(
            "SELECT count(*), coalesce(sum(('x' || pg_catalog.substr(m, 1, "
            "16))::pg_catalog.bit(64)::pg_catalog.int8), 0)::pg_catalog.text || ':' || "
            "coalesce(sum(('x' || pg_catalog.substr(m, 17))::pg_catalog.bit(64)::pg_catalog.int8), "
            "0)::pg_catalog.text FROM (SELECT pg_catalog.md5(_migrate_row::pg_catalog.text) AS m FROM "
            "{} AS _migrate_row) AS _migrate_rows",
            quote_name(table)),
        "digesting " + table.display());
    return {rows.integer(0, 0), "md5:" + rows.text(0, 1)};
}

RowDigest digest_by_copy(session::PostgresqlSession& session, const QualifiedName& table) {
    PhysicalColumns catalog;
    std::string list;
    for (const PhysicalColumn& column : catalog.of(session, table)) {
        list += (list.empty() ? "" : ", ") + expression_of(column);
    }
    const std::string doing = "digesting " + table.display();
    session.execute(
        fmt::format("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT BINARY)", list, quote_name(table)), doing);
    Digest digest;
    CopyFraming framing;
    while (true) {
        char* message = nullptr;
        const int length = PQgetCopyData(session.native(), &message, 0);
        if (length <= 0) {
            break;
        }
        const std::unique_ptr<char, CopyMessageDeleter> owner(message);
        if (const auto row = framing.row_in({message, static_cast<std::size_t>(length)})) {
            model::digest_canonical_row(*row, digest);
        }
    }
    finish_copy(session, doing);
    return copy_digest(digest);
}

RowDigest digest_like(session::PostgresqlSession& session, const QualifiedName& table,
                      const RowDigest& other) {
    return other.digest.starts_with(k_copy_kind) ? digest_by_copy(session, table)
                                                 : digest_by_server(session, table);
}

std::vector<backend::StoredColumn> stored_columns(session::PostgresqlSession& session,
                                                  const QualifiedName& table) {
    const auto rows = session.query(
        "SELECT attnum, attname, pg_catalog.format_type(atttypid, atttypmod), CASE attgenerated WHEN '' THEN "
        "'' WHEN 's' THEN 'stored' ELSE 'virtual' END FROM pg_catalog.pg_attribute WHERE attrelid = "
        "$1::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        {quote_name(table)}, "reading the columns of " + table.display());
    std::vector<backend::StoredColumn> columns;
    columns.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        columns.push_back({rows.integer(row, 0), rows.text(row, 1), rows.text(row, 2), rows.text(row, 3)});
    }
    return columns;
}

}  // namespace migrate::backends::postgresql::undo
