#include "backends/sqlite/row_removal.hpp"

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/writer.hpp"
#include "model/canonical.hpp"
#include "model/row_json.hpp"
#include "session/sqlite_hold.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::quote_literal;
using session::SqliteStatement;

/// The columns that tell rows apart: the rowid, or the primary key of a table without one.
std::vector<std::string> row_key(const Table& table) {
    const std::string rowid = rowid_name(table);
    if (!rowid.empty()) {
        return {quote_identifier(rowid)};
    }
    std::vector<std::string> key;
    for (const std::string& column : table.primary_key->columns) {
        key.push_back(quote_identifier(column));
    }
    return key;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) {
        out += (out.empty() ? "" : ", ") + part;
    }
    return out;
}

std::string from(const Table& table) {
    return " FROM main." + quote_identifier(table.name.name);
}

/// The row that the statement stands on, decoded as verification reads it.
void decode_row(const SqliteStatement& statement, const std::vector<ColumnCodec>& codecs, const Table& table,
                RowBatch& row) {
    const session::SqliteHold hold(sqlite3_db_handle(statement.handle()));
    for (std::size_t i = 0; i < codecs.size(); ++i) {
        const Cell cell = read_cell(statement.handle(), static_cast<int>(i));
        if (cell.storage == Cell::Class::null) {
            row.columns[i].append_null();
        } else if (!codecs[i].decode(cell, row.columns[i])) {
            throw Error(ErrorCode::internal,
                        "a staged row of table " + table.name.display() + " is not read as it was written");
        }
    }
    row.bare_rows = 1;
}

}  // namespace

std::string duplicates_sql(const Table& table, const Index& index) {
    std::string expressions;
    std::string conditions = index.predicate.empty() ? "" : "(" + index.predicate + ")";
    for (const IndexPart& part : index.parts) {
        const std::string value =
            part.column.empty() ? "(" + part.expression + ")" : quote_identifier(part.column);
        expressions += (expressions.empty() ? "" : ", ") + value +
                       (part.collation.empty() ? "" : " COLLATE " + part.collation);
        conditions += (conditions.empty() ? "" : " AND ") + value + " IS NOT NULL";
    }
    const std::string key = joined(row_key(table));
    return "SELECT " + key + " FROM (SELECT " + key + ", row_number() OVER (PARTITION BY " + expressions +
           " ORDER BY " + key + ") AS migrate_turn" + from(table) + " WHERE " + conditions +
           ") WHERE migrate_turn > 1";
}

std::uint64_t RowRemoval::remove_duplicates(std::size_t table, const Index& index) {
    return remove(table, duplicates_sql(m_plan.schema.tables.at(table), index),
                  "unique index " + index.name + ": the row repeats the key of another");
}

void RowRemoval::remove_orphans() {
    for (bool again = true; again;) {
        again = false;
        for (std::size_t t = 0; t < m_plan.schema.tables.size(); ++t) {
            again = remove_orphans_of(t) > 0 || again;
        }
    }
}

std::uint64_t RowRemoval::remove_orphans_of(std::size_t index) {
    const Table& table = m_plan.schema.tables[index];
    std::uint64_t rows = 0;
    for (std::size_t id = 0; id < table.foreign_keys.size(); ++id) {
        const ForeignKey& key = table.foreign_keys[id];
        std::string violators;
        if (rowid_name(table).empty()) {
            const Table* parent = m_plan.schema.find_table(key.referenced_table);
            const auto& referenced =
                key.referenced_columns.empty() && parent != nullptr && parent->primary_key
                    ? parent->primary_key->columns
                    : key.referenced_columns;
            std::string present;
            std::string on;
            for (std::size_t i = 0; i < key.columns.size() && i < referenced.size(); ++i) {
                const std::string column = "child." + quote_identifier(key.columns[i]);
                present += column + " IS NOT NULL AND ";
                on += (on.empty() ? "" : " AND ") + ("parent." + quote_identifier(referenced[i])) + " = " +
                      column;
            }
            violators = "SELECT " + joined(row_key(table)) + from(table) + " AS child WHERE " + present +
                        "NOT EXISTS (SELECT 1 FROM main." + quote_identifier(key.referenced_table.name) +
                        " AS parent WHERE " + on + ")";
        } else if (id == 0) {
            // The engine's own check, of all the table's keys at once.
            violators = "SELECT DISTINCT \"rowid\" FROM pragma_foreign_key_check(" +
                        quote_literal(table.name.name) + ")";
        } else {
            break;
        }
        try {
            rows += remove(index, violators, "foreign key: the row points to a row that is not there");
        } catch (const Error& error) {
            // A key that does not fit what it points to is named by the step that looks at it.
            if (error.code() != ErrorCode::unsupported) {
                throw;
            }
        }
    }
    return rows;
}

std::uint64_t RowRemoval::remove(std::size_t index, const std::string& violators, const std::string& reason) {
    const Table& table = m_plan.schema.tables.at(index);
    backend::RemovedRows removed;
    removed.table = index;
    removed.reason = reason;
    removed.digest.algorithm = m_plan.digests;
    m_session.execute("BEGIN IMMEDIATE", "take rows out of");
    try {
        m_session.execute("CREATE TEMP TABLE migrate_violators AS " + violators,
                          "look for rows to take out in");
        const std::string found =
            " WHERE (" + joined(row_key(table)) + ") IN (SELECT * FROM temp.migrate_violators)";
        write_dead_letters(table, found, removed);
        if (removed.rows > 0) {
            m_session.execute("DELETE" + from(table) + found, "take rows out of");
            correct_checkpoints(table, removed);
        }
        m_session.execute("DROP TABLE temp.migrate_violators; COMMIT", "take rows out of");
    } catch (...) {
        if (m_session.in_transaction()) {
            m_session.execute("ROLLBACK", "take rows out of");
        }
        throw;
    }
    if (removed.rows > 0) {
        m_removed.push_back(removed);
    }
    return removed.rows;
}

void RowRemoval::write_dead_letters(const Table& table, const std::string& found,
                                    backend::RemovedRows& removed) {
    std::vector<ColumnCodec> codecs;
    std::vector<TypeKind> kinds;
    model::RowShape shape;
    std::string list;
    for (const Column* column : copied_columns(table)) {
        const auto& key = table.primary_key;
        if (key && std::find(key->columns.begin(), key->columns.end(), column->name) != key->columns.end()) {
            shape.key.push_back(codecs.size());
        }
        codecs.emplace_back(column->type, column->format);
        kinds.push_back(column->type.kind);
        shape.names.push_back(column->name);
        shape.types.push_back(column->type);
        list += (list.empty() ? "" : ", ") + quote_identifier(column->name);
    }
    SqliteStatement highest(m_session,
                            "SELECT coalesce(max(ordinal), -1) + 1 FROM main._migrate_dead_letter WHERE "
                            "migration=?1 AND table_name=?2 AND chunk=?3");
    highest.bind(1, m_plan.migration).bind(2, table.name.name).bind(3, backend::k_removed_chunk);
    highest.step();
    auto ordinal = static_cast<std::uint64_t>(highest.integer(0));
    highest.reset();
    SqliteStatement read(m_session, "SELECT " + (list.empty() ? "1" : list) + from(table) + found,
                         "read rows to take out of");
    RowBatch row;
    while (read.step()) {
        row.reset(kinds);
        decode_row(read, codecs, table, row);
        model::digest_rows(row, removed.digest);
        RejectedRow letter;
        letter.ordinal = ordinal++;
        letter.key = model::key_as_text(row, 0, shape);
        letter.reason = removed.reason;
        letter.row = model::row_as_json(row, 0, shape);
        insert_dead_letter(m_session, m_plan.migration, table.name, backend::k_removed_chunk, letter);
        ++removed.rows;
    }
}

void RowRemoval::correct_checkpoints(const Table& table, const backend::RemovedRows& removed) {
    Chunk chunk;
    Checkpoint checkpoint{m_plan.migration, table.name, chunk, 0, 0, {}};
    SqliteStatement known(m_session,
                          "DELETE FROM main._migrate_checkpoint WHERE migration=?1 AND table_name=?2 AND "
                          "partition='' AND chunk=?3 RETURNING row_count, rejects, digest");
    known.bind(1, m_plan.migration).bind(2, table.name.name).bind(3, backend::k_removed_chunk);
    if (known.step()) {
        checkpoint.rows = static_cast<std::uint64_t>(known.integer(0));
        checkpoint.rejects = static_cast<std::uint64_t>(known.integer(1));
        checkpoint.digest = parse_digest(std::string(known.text(2)));
    }
    known.run();
    checkpoint.rows -= removed.rows;
    checkpoint.rejects += removed.rows;
    checkpoint.digest.subtract(removed.digest);
    insert_checkpoint(m_session, checkpoint, backend::k_removed_chunk);
}

}  // namespace migrate::backends::sqlite
