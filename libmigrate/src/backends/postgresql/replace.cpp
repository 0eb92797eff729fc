#include "backends/postgresql/replace.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/existing.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/undo_log.hpp"

namespace migrate::backends::postgresql {

bool replaces_any(const Schema& schema) {
    return std::any_of(schema.tables.begin(), schema.tables.end(),
                       [](const Table& table) { return table.placement == Placement::replace; });
}

std::string undone_schema(const std::string& migration) {
    // One of the kept schemas by its name, past any destination's number.
    return undo::kept_schema(migration, 999'999);
}

Replacement::Replacement(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                         const StagingNames& names)
    : m_session(session), m_plan(plan) {
    for (const Table& table : plan.schema.tables) {
        if (table.placement == Placement::replace) {
            const auto place = names.schemas().find(table.name.schema);
            const auto number = static_cast<std::size_t>(std::distance(names.schemas().begin(), place));
            m_tables.push_back({&table, {}, undo::kept_schema(plan.migration, number)});
        }
    }
}

std::map<QualifiedName, undo::RowDigest> Replacement::step_aside() {
    std::map<QualifiedName, undo::RowDigest> digests;
    if (!any()) {
        return digests;
    }
    for (OldTable& old : m_tables) {
        const std::string name = quote_name(old.table->name);
        m_session.execute("LOCK TABLE " + name + " IN ACCESS EXCLUSIVE MODE",
                          "locking " + old.table->name.display());
        old.oid = m_session
                      .query("SELECT $1::pg_catalog.regclass::pg_catalog.oid", {name},
                             "looking up " + old.table->name.display())
                      .text(0, 0);
        digests[old.table->name] = undo::digest_by_server(m_session, old.table->name);
        m_oids += (m_oids.empty() ? "" : ", ") + old.oid;
    }
    refuse_changes(m_session, m_plan.schema, Placement::replace);
    read_views();
    read_foreign_keys();
    for (const OldTable& old : m_tables) {
        read_privileges(old);
    }
    for (const auto* keys : {&m_incoming, &m_outgoing}) {
        for (const Dependent& key : *keys) {
            m_session.execute(key.drop, "taking off " + key.name);
        }
    }
    for (const OldTable& old : m_tables) {
        m_session.execute("CREATE SCHEMA IF NOT EXISTS " + quote_identifier(old.kept_schema),
                          "making room for what is kept");
        m_session.execute(fmt::format("ALTER TABLE {} SET SCHEMA {}", quote_name(old.table->name),
                                      quote_identifier(old.kept_schema)),
                          "setting aside " + old.table->name.display());
    }
    return digests;
}

void Replacement::read_views() {
    const auto rows = m_session.query(
        "SELECT DISTINCT v.oid::pg_catalog.int8, pg_catalog.quote_ident(n.nspname) || '.' || "
        "pg_catalog.quote_ident(v.relname), coalesce(' WITH (' || pg_catalog.array_to_string(v.reloptions, "
        "', ') || ')', ''), pg_catalog.pg_get_viewdef(v.oid) FROM pg_catalog.pg_depend d JOIN "
        "pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = "
        "d.objid JOIN pg_catalog.pg_class v ON v.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = "
        "v.relnamespace WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid IN (" +
            m_oids + ") AND v.relkind = 'v' ORDER BY 1",
        "reading the views of what is replaced");
    for (int row = 0; row < rows.size(); ++row) {
        m_views.push_back({"view " + rows.text(row, 1), "",
                           fmt::format("CREATE OR REPLACE VIEW {}{} AS {}", rows.text(row, 1),
                                       rows.text(row, 2), rows.text(row, 3))});
    }
}

void Replacement::read_foreign_keys() {
    const auto rows = m_session.query(
        fmt::format(
            "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
            "pg_catalog.quote_ident(k.conname), pg_catalog.pg_get_constraintdef(k.oid), k.confrelid IN "
            "({0}), "
            "pg_catalog.quote_literal(pg_catalog.obj_description(k.oid, 'pg_constraint')) FROM "
            "pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN "
            "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'f' AND k.conparentid = 0 "
            "AND (k.confrelid IN ({0})) <> (k.conrelid IN ({0})) ORDER BY 1, 2",
            m_oids),
        "reading the foreign keys of what is replaced");
    for (int row = 0; row < rows.size(); ++row) {
        const std::string table = rows.text(row, 0);
        const std::string name = rows.text(row, 1);
        Dependent key;
        key.name = fmt::format("foreign key {} of {}", name, table);
        key.drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, name);
        key.make = fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", table, name, rows.text(row, 2));
        if (!rows.is_null(row, 4)) {
            key.make += fmt::format("; COMMENT ON CONSTRAINT {} ON {} IS {}", name, table, rows.text(row, 4));
        }
        (rows.boolean(row, 3) ? m_incoming : m_outgoing).push_back(std::move(key));
    }
}

void Replacement::collect(const std::string& sql, const char* doing, std::vector<std::string>& statements) {
    const auto rows = m_session.query(sql, doing);
    for (int row = 0; row < rows.size(); ++row) {
        statements.push_back(rows.text(row, 0));
    }
}

/// The owner, privileges and comments of the old table, as statements for the new one.
void Replacement::read_privileges(const OldTable& old) {
    const std::string name = quote_literal(quote_name(old.table->name));
    collect(fmt::format("SELECT pg_catalog.format('ALTER TABLE %s OWNER TO %I', {}::pg_catalog.text, "
                        "pg_catalog.pg_get_userbyid(relowner)) FROM pg_catalog.pg_class WHERE oid = {} AND "
                        "pg_catalog.pg_get_userbyid(relowner) <> current_user",
                        name, old.oid),
            "reading the owner of what is replaced", m_privileges);
    // Emptied first: default privileges may have come with the new table.
    collect(
        fmt::format("SELECT 'REVOKE ALL ON TABLE ' || {0}::pg_catalog.text || ' FROM PUBLIC' FROM "
                    "pg_catalog.pg_class WHERE oid = {1} AND relacl IS NOT NULL UNION ALL SELECT * FROM "
                    "(SELECT pg_catalog.format('GRANT %s ON TABLE %s TO %s%s', a.privilege_type, "
                    "{0}::pg_catalog.text, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE "
                    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, CASE WHEN "
                    "a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM pg_catalog.pg_class c CROSS "
                    "JOIN LATERAL pg_catalog.aclexplode(c.relacl) a WHERE c.oid = {1} AND a.grantee <> "
                    "c.relowner) g",
                    name, old.oid),
        "reading the privileges of what is replaced", m_privileges);
    collect(
        fmt::format("SELECT pg_catalog.format('GRANT %s (%I) ON TABLE %s TO %s%s', a.privilege_type, "
                    "t.attname, {0}::pg_catalog.text, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE "
                    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, CASE WHEN "
                    "a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM pg_catalog.pg_attribute t "
                    "CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a WHERE t.attrelid = {1} AND NOT "
                    "t.attisdropped",
                    name, old.oid),
        "reading the privileges of what is replaced", m_privileges);
    if (old.table->comment.empty()) {
        collect(fmt::format("SELECT pg_catalog.format('COMMENT ON TABLE %s IS %L', {}::pg_catalog.text, d) "
                            "FROM pg_catalog.obj_description({}, 'pg_class') d WHERE d IS NOT NULL",
                            name, old.oid),
                "reading the comment of what is replaced", m_privileges);
    }
    for (const Column& column : old.table->columns) {
        if (column.comment.empty()) {
            collect(fmt::format("SELECT pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', "
                                "{}::pg_catalog.text, attname, pg_catalog.col_description(attrelid, attnum)) "
                                "FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND "
                                "pg_catalog.col_description(attrelid, attnum) IS NOT NULL",
                                name, old.oid, quote_literal(column.name)),
                    "reading the comments of what is replaced", m_privileges);
        }
    }
}

void Replacement::connect() {
    const auto make = [&](const std::string& statement, const std::string& what) {
        try {
            m_session.execute(statement, "making " + what + " anew");
        } catch (const Error& error) {
            if (error.retryable() || !m_session.alive()) {
                throw;
            }
            ErrorFacts facts = error.facts();
            facts.code = ErrorCode::refused;
            facts.next_step = "Drop it, or change it so that it fits the new table, and migrate again.";
            throw Error(facts, fmt::format("PostgreSQL: {} depends on a table that is replaced and does not "
                                           "fit the new one: {}",
                                           what, error.what()));
        }
    };
    for (const std::string& statement : m_privileges) {
        m_session.execute(statement, "granting what was granted on the old table");
    }
    for (const Dependent& view : m_views) {
        make(view.make, view.name);
    }
    for (const Dependent& key : m_incoming) {
        make(key.make, key.name);
    }
}

std::vector<std::string> Replacement::undo_statements() const {
    std::vector<std::string> out;
    out.reserve(m_incoming.size());
    for (const Dependent& key : m_incoming) {
        out.push_back(key.drop);
    }
    for (const OldTable& old : m_tables) {
        out.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", quote_name(old.table->name),
                                  quote_identifier(undone_schema(m_plan.migration))));
    }
    for (const OldTable& old : m_tables) {
        out.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}",
                                  quote_name({old.kept_schema, old.table->name.name}),
                                  quote_identifier(old.table->name.schema)));
    }
    for (const Dependent& view : m_views) {
        out.push_back(view.make);
    }
    for (const auto* keys : {&m_outgoing, &m_incoming}) {
        for (const Dependent& key : *keys) {
            out.push_back(key.make);
        }
    }
    return out;
}

}  // namespace migrate::backends::postgresql
