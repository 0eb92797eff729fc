#include "backends/postgresql/row_removal.hpp"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/copy_reader.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/scan_sql.hpp"
#include "backends/postgresql/target_state.hpp"
#include "model/canonical.hpp"
#include "model/row_json.hpp"

namespace migrate::backends::postgresql {
namespace {

/// Rows that are deleted by one statement and held until they are written as dead letters.
constexpr int k_rows_at_once = 2000;

bool is_partitioned(const Table& table) {
    return table.properties.contains(property::k_partition_key);
}

/// The columns that were copied, as verification reads them.
ScanSpec spec_of(const Table& table) {
    ScanSpec spec;
    spec.table = &table;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].generated) {
            spec.columns.push_back(i);
        }
    }
    return spec;
}

model::RowShape shape_of(const Table& table, const ScanSpec& spec) {
    model::RowShape shape;
    for (const std::size_t column : spec.columns) {
        shape.names.push_back(table.columns[column].name);
        shape.types.push_back(table.columns[column].type);
    }
    for (std::size_t i = 0; table.primary_key && i < shape.names.size(); ++i) {
        for (const std::string& part : table.primary_key->columns) {
            if (part == shape.names[i]) {
                shape.key.push_back(i);
            }
        }
    }
    return shape;
}

std::vector<std::string> referenced_columns(const Schema& schema, const ForeignKey& key) {
    if (!key.referenced_columns.empty()) {
        return key.referenced_columns;
    }
    const Table* parent = schema.find_table(key.referenced_table);
    return parent != nullptr && parent->primary_key ? parent->primary_key->columns : key.columns;
}

std::string from_parent(const Schema& schema, const QualifiedName& name, const StagingNames& names) {
    const Table* parent = schema.find_table(name);
    return parent != nullptr ? from_staged(*parent, names) : "FROM " + quote_name(names.staged(name));
}

std::string description_of(const ForeignKey& key) {
    return fmt::format("foreign key {}: it points to a row of {} that is not there", key.name,
                       key.referenced_table.display());
}

}  // namespace

std::string staged_rows(const Table& table, const StagingNames& names) {
    return (is_partitioned(table) ? "" : "ONLY ") + quote_name(names.staged(table.name));
}

std::string from_staged(const Table& table, const StagingNames& names) {
    return "FROM " + staged_rows(table, names);
}

std::string orphans_sql(const Schema& schema, const Table& table, const ForeignKey& key,
                        const StagingNames& names) {
    const auto referenced = referenced_columns(schema, key);
    std::string on;
    std::string all_null;
    std::string any_null;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        const std::string column = quote_identifier(key.columns[i]);
        on += fmt::format("{}parent.{} = child.{}", i == 0 ? "" : " AND ", quote_identifier(referenced.at(i)),
                          column);
        all_null += fmt::format("{}child.{} IS NULL", i == 0 ? "" : " AND ", column);
        any_null += fmt::format("{}child.{} IS NULL", i == 0 ? "" : " OR ", column);
    }
    const std::string missing = fmt::format("NOT EXISTS (SELECT {} parent WHERE {})",
                                            from_parent(schema, key.referenced_table, names), on);
    // MATCH FULL wants all columns or none.
    const std::string violated = key.match == "FULL"
                                     ? fmt::format("NOT ({}) AND (({}) OR {})", all_null, any_null, missing)
                                     : fmt::format("NOT ({}) AND {}", any_null, missing);
    return fmt::format("SELECT child.tableoid, child.ctid {} child WHERE {}", from_staged(table, names),
                       violated);
}

std::uint64_t RowRemoval::remove(std::size_t table, const std::string& violators, const std::string& reason) {
    backend::RemovedRows all;
    all.table = table;
    all.reason = reason;
    while (true) {
        const backend::RemovedRows some = remove_some(table, violators, reason);
        if (some.rows == 0) {
            break;
        }
        all.rows += some.rows;
        all.digest.merge(some.digest);
    }
    const std::uint64_t rows = all.rows;
    if (rows > 0) {
        correct_checkpoints(m_plan.schema.tables.at(table), all);
        m_removed.push_back(std::move(all));
    }
    return rows;
}

backend::RemovedRows RowRemoval::remove_some(std::size_t index, const std::string& violators,
                                             const std::string& reason) {
    const Table& table = m_plan.schema.tables.at(index);
    const ScanSpec spec = spec_of(table);
    const model::RowShape shape = shape_of(table, spec);
    const QualifiedName staged = m_names.staged(table.name);
    std::vector<ColumnDecoding> decodings;
    PhysicalColumns physical;
    scan_select(spec, {staged, is_partitioned(table)}, physical.of(m_session, staged), decodings);
    std::string list;
    for (const ColumnDecoding& decoding : decodings) {
        list += (list.empty() ? "" : ", ") + decoding.expression;
    }
    // A DELETE hands back what it deletes, so that no row goes that is not read.
    const std::string sql =
        fmt::format("DELETE {} WHERE (tableoid, ctid) IN ({} LIMIT {}) RETURNING {}",
                    from_staged(table, m_names), violators, k_rows_at_once, list.empty() ? "NULL" : list);
    // The session is the target's and outlives the reader.
    const std::shared_ptr<session::PostgresqlSession> borrowed(std::shared_ptr<void>(), &m_session);
    CopyReader reader(borrowed, std::move(decodings), sql, table.name.display(), {}, [](auto) {});
    backend::RemovedRows removed;
    removed.digest.algorithm = m_plan.digests;
    std::vector<RejectedRow> letters;
    RowBatch batch;
    while (reader.next(batch)) {
        model::digest_rows(batch, removed.digest);
        removed.rows += batch.row_count();
        for (std::size_t row = 0; row < batch.row_count(); ++row) {
            RejectedRow& letter = letters.emplace_back();
            letter.key = model::key_as_text(batch, row, shape);
            letter.reason = reason;
            letter.row = model::row_as_json(batch, row, shape);
        }
    }
    write_dead_letters(table, letters);
    return removed;
}

void RowRemoval::write_dead_letters(const Table& table, std::vector<RejectedRow>& letters) {
    if (letters.empty()) {
        return;
    }
    // The server hands rows over as its plan has it; the same rows get the same numbers.
    std::sort(letters.begin(), letters.end(), [](const RejectedRow& a, const RejectedRow& b) {
        return std::tie(a.key, a.row) < std::tie(b.key, b.row);
    });
    const state::Place place = state::find_place(m_session);
    const auto highest = m_session.query(
        place.sql("SELECT coalesce(max(ordinal), -1) FROM _migrate.dead_letter WHERE migration = $1 AND "
                  "table_schema = $2 AND table_name = $3 AND chunk_index = $4"),
        {m_plan.migration, table.name.schema, table.name.name, std::to_string(backend::k_removed_chunk)},
        "counting dead letters");
    auto next = static_cast<std::uint64_t>(highest.integer(0, 0) + 1);
    for (RejectedRow& letter : letters) {
        letter.ordinal = next++;
        state::insert_dead_letter(m_session, place, m_plan.migration, table.name, backend::k_removed_chunk,
                                  letter);
    }
}

void RowRemoval::correct_checkpoints(const Table& table, const backend::RemovedRows& removed) {
    const state::Place place = state::find_place(m_session);
    Digest digest;
    std::int64_t rows = 0;
    std::int64_t rejects = 0;
    const auto known = m_session.query(
        place.sql(
            "DELETE FROM _migrate.checkpoint WHERE migration = $1 AND table_schema = $2 AND table_name = "
            "$3 AND chunk_index = $4 RETURNING rows, rejects, digest"),
        {m_plan.migration, table.name.schema, table.name.name, std::to_string(backend::k_removed_chunk)},
        "correcting checkpoints");
    if (known.size() > 0) {
        rows = known.integer(0, 0);
        rejects = known.integer(0, 1);
        digest = parse_digest(known.text(0, 2));
    }
    rows -= static_cast<std::int64_t>(removed.rows);
    rejects += static_cast<std::int64_t>(removed.rows);
    digest.subtract(removed.digest);
    m_session.query(
        place.sql("INSERT INTO _migrate.checkpoint VALUES ($1, $2, $3, $4, 0, 0, 0, '', $5, $6, $7)"),
        {m_plan.migration, table.name.schema, table.name.name, std::to_string(backend::k_removed_chunk),
         std::to_string(rows), std::to_string(rejects), to_string(digest)},
        "correcting checkpoints");
}

void remove_orphans(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                    const StagingNames& names, RowRemoval& removal) {
    struct Search {
        std::size_t table;
        std::string sql;
        std::string reason;
    };
    std::vector<Search> searches;
    for (std::size_t t = 0; t < plan.schema.tables.size(); ++t) {
        for (const ForeignKey& key : plan.schema.tables[t].foreign_keys) {
            const std::string sql = orphans_sql(plan.schema, plan.schema.tables[t], key, names);
            // Keys of and to tables that keep their place are looked at where all their rows are.
            const Table* referenced = plan.schema.find_table(key.referenced_table);
            const bool later = plan.schema.tables[t].placement == Placement::load ||
                               (referenced != nullptr && referenced->placement == Placement::load);
            if (!key.validated || later) {
                continue;
            }
            // What cannot be asked cannot be made either: that is found, and said, when it is tried.
            session.execute("SAVEPOINT search", "looking for orphans");
            try {
                session.execute("SELECT FROM (" + sql + " LIMIT 0) probe", "looking for orphans");
                searches.push_back({t, sql, description_of(key)});
            } catch (const Error&) {
                if (!session.alive()) {
                    throw;
                }
                session.execute("ROLLBACK TO SAVEPOINT search", "looking for orphans");
            }
        }
    }
    for (bool again = true; again;) {
        again = false;
        for (const Search& search : searches) {
            again = removal.remove(search.table, search.sql, search.reason) > 0 || again;
        }
    }
}

}  // namespace migrate::backends::postgresql
