#include "backends/postgresql/row_undo.hpp"

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/column_operators.hpp"
#include "backends/postgresql/identifier.hpp"

namespace migrate::backends::postgresql {
namespace {

std::string text_row(const QualifiedName& table) {
    return fmt::format(
        "(SELECT _migrate_row AS r, _migrate_row::pg_catalog.text AS x, tableoid AS t, ctid "
        "AS c, pg_catalog.row_number() OVER (PARTITION BY _migrate_row::pg_catalog.text) AS k "
        "FROM {} AS _migrate_row)",
        quote_name(table));
}

class RowUndo {
  public:
    RowUndo(session::PostgresqlSession& session, const std::string& migration,
            const std::vector<undo::LoggedTable>& tables)
        : m_session(session), m_id(migration), m_tables(tables) {}

    /// A row that was overwritten may refer to one that goes, so that it has to be put back first; or have
    /// the place of one that goes, so that it has to be put back last.
    void run() {
        m_session.execute("SAVEPOINT rows", "undoing the rows");
        try {
            take_all_rows_out();
            each_loaded([&](const undo::LoggedTable& table) {
                change_rows_back(table);
                put_missing_rows_back(table);
            });
        } catch (const Error& error) {
            if (error.facts().sqlstate != "23503") {
                throw;
            }
            m_session.execute("ROLLBACK TO SAVEPOINT rows", "undoing the rows in another order");
            each_loaded([&](const undo::LoggedTable& table) { change_rows_back(table); });
            take_all_rows_out();
            each_loaded([&](const undo::LoggedTable& table) { put_missing_rows_back(table); });
        }
    }

  private:
    template <class Body>
    void each_loaded(Body body) {
        for (const undo::LoggedTable& table : m_tables) {
            if (table.placement == Placement::load) {
                body(table);
            }
        }
    }

    void take_all_rows_out() {
        for (auto table = m_tables.rbegin(); table != m_tables.rend(); ++table) {
            if (table->placement == Placement::load) {
                take_rows_out(*table);
            }
        }
    }

    struct Parts {
        std::string columns;  ///< That can be given a value.
        std::string from_old;
        std::string set;
        std::string key;  ///< Target and log row are of one key; empty without a primary key.
        std::string other_key;
    };

    Parts parts_of(const undo::LoggedTable& table) {
        const auto rows = m_session.query(
            "SELECT pg_catalog.quote_ident(a.attname), a.attidentity = 'a', coalesce(a.attnum = ANY "
            "(k.conkey), false), a.attname FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_constraint "
            "k ON "
            "k.conrelid = a.attrelid AND k.contype = 'p' WHERE a.attrelid = $1::pg_catalog.regclass AND "
            "a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum",
            {quote_name(table.name)}, "reading the columns of " + table.name.display());
        Parts parts;
        const ColumnOperators operators(m_session, table.name);
        const auto add = [](std::string& to, const char* separator, const std::string& text) {
            to += (to.empty() ? "" : separator) + text;
        };
        for (int row = 0; row < rows.size(); ++row) {
            const std::string name = rows.text(row, 0);
            const std::string equal = operators.equal(rows.text(row, 3));
            add(parts.columns, ", ", name);
            add(parts.from_old, ", ", "o." + name);
            if (!rows.boolean(row, 1)) {
                add(parts.set, ", ", fmt::format("{0} = o.{0}", name));
            }
            if (rows.boolean(row, 2)) {
                add(parts.key, " AND ", fmt::format("t.{0} {1} o.{0}", name, equal));
                add(parts.other_key, " AND ", fmt::format("n.{0} {1} o.{0}", name, equal));
            }
        }
        return parts;
    }

    void take_rows_out(const undo::LoggedTable& table) {
        const Parts parts = parts_of(table);
        const QualifiedName added = undo::new_rows(m_id, table.ordinal);
        const std::string doing = "taking rows out of " + table.name.display();
        if (parts.key.empty()) {
            m_session.execute(
                fmt::format("DELETE FROM {} WHERE (tableoid, ctid) IN (SELECT a.t, a.c FROM {} a "
                            "JOIN {} b ON b.x = a.x AND b.k = a.k)",
                            quote_name(table.name), text_row(table.name), text_row(added)),
                doing);
            return;
        }
        m_session.execute(
            fmt::format("DELETE FROM {} t USING {} o WHERE {} AND NOT EXISTS (SELECT FROM {} n WHERE {})",
                        quote_name(table.name), quote_name(added), parts.key,
                        quote_name(undo::old_rows(m_id, table.ordinal)), parts.other_key),
            doing);
    }

    void change_rows_back(const undo::LoggedTable& table) {
        const Parts parts = parts_of(table);
        if (parts.key.empty() || parts.set.empty()) {
            return;
        }
        m_session.execute(fmt::format("UPDATE {} t SET {} FROM {} o WHERE {}", quote_name(table.name),
                                      parts.set, quote_name(undo::old_rows(m_id, table.ordinal)), parts.key),
                          "putting rows back into " + table.name.display());
    }

    void put_missing_rows_back(const undo::LoggedTable& table) {
        const Parts parts = parts_of(table);
        const std::string name = quote_name(table.name);
        const std::string missing =
            parts.key.empty() ? std::string()
                              : fmt::format(" WHERE NOT EXISTS (SELECT FROM {} t WHERE {})", name, parts.key);
        m_session.execute(fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} o{}",
                                      name, parts.columns, parts.from_old,
                                      quote_name(undo::old_rows(m_id, table.ordinal)), missing),
                          "putting rows back into " + table.name.display());
    }

    session::PostgresqlSession& m_session;
    const std::string& m_id;
    const std::vector<undo::LoggedTable>& m_tables;
};

}  // namespace

void undo_rows(session::PostgresqlSession& session, const std::string& migration,
               const std::vector<undo::LoggedTable>& tables) {
    RowUndo(session, migration, tables).run();
}

}  // namespace migrate::backends::postgresql
