#include "backends/postgresql/builder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/build_order.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/identifier.hpp"
#include "util/human.hpp"

namespace migrate::backends::postgresql {
namespace {

using Step = backend::BuildStep;

/// What an index build may take where the server's own setting is lower. More makes it slower: what is sorted
/// in memory at once should not be much larger than the processor's cache.
constexpr std::uint64_t k_maintenance_bytes = 64ULL * 1024 * 1024;

std::string joined(const std::vector<std::string>& parts, const char* separator) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : separator) + part;
    }
    return text;
}

std::vector<std::string> quoted(const std::vector<std::string>& columns) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const std::string& column : columns) {
        names.push_back(quote_identifier(column));
    }
    return names;
}

std::string of_table(const char* what, const std::string& name, const Table& table) {
    return fmt::format("{} {} of {}", what, name, table.name.display());
}

bool is_first_foreign_key(const Schema& schema, const ForeignKey& key) {
    for (const Table& table : schema.tables) {
        for (const ForeignKey& one : table.foreign_keys) {
            if (table.placement != Placement::load && !points_to_loaded(schema, one)) {
                return &one == &key;
            }
        }
    }
    return false;
}

}  // namespace

backend::BuildResult Builder::build(const Step& step) {
    m_session.query(
        fmt::format("SELECT pg_catalog.set_config('maintenance_work_mem', '{}kB', false) WHERE "
                    "pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')) < {}",
                    k_maintenance_bytes / 1024, k_maintenance_bytes),
        "setting the memory for index builds");
    const Schema& schema = m_plan.schema;
    if (step.kind == Step::Kind::object) {
        object(schema.objects.at(step.item));
        return {std::move(m_findings), m_removal.take()};
    }
    const Table& table = schema.tables.at(step.table);
    switch (step.kind) {
        case Step::Kind::settle:
            settle(table);
            break;
        case Step::Kind::primary_key:
            primary_key(table);
            break;
        case Step::Kind::unique_key:
            unique_key(table, table.unique_keys.at(step.item));
            break;
        case Step::Kind::index:
            index(table, table.indexes.at(step.item));
            break;
        case Step::Kind::check:
            check(table, table.checks.at(step.item));
            break;
        case Step::Kind::foreign_key:
            foreign_key(table, table.foreign_keys.at(step.item));
            break;
        case Step::Kind::validate_foreign_key:
            validate(table, table.foreign_keys.at(step.item));
            break;
        case Step::Kind::sequence:
            sequence(table, table.columns.at(step.item));
            break;
        default:
            m_session.execute("ANALYZE " + quote_name(m_names.staged(table.name)),
                              "analysing " + table.name.display());
    }
    return {std::move(m_findings), m_removal.take()};
}

std::uint64_t Builder::count(const std::string& sql, const std::string& doing) {
    return static_cast<std::uint64_t>(m_session.query(sql, doing).integer(0, 0));
}

std::string Builder::duplicates(const Table& table, const std::vector<std::string>& expressions,
                                bool nulls_equal, const std::string& where) {
    std::string conditions = where;
    if (!nulls_equal) {
        for (const std::string& expression : expressions) {
            conditions += fmt::format("{}({}) IS NOT NULL", conditions.empty() ? "" : " AND ", expression);
        }
    }
    // The row with the lowest primary key stays; of those of one primary key, the one that stands first.
    std::string order;
    if (table.primary_key) {
        order = joined(quoted(table.primary_key->columns), ", ") + ", ";
    }
    return fmt::format(
        "SELECT tableoid, ctid FROM (SELECT tableoid, ctid, pg_catalog.row_number() OVER (PARTITION BY {} "
        "ORDER "
        "BY {}tableoid, ctid) AS n {}{}) repeated WHERE n > 1",
        joined(expressions, ", "), order, from_staged(table, m_names),
        conditions.empty() ? "" : " WHERE " + conditions);
}

bool Builder::take_out(const Table& table, const std::string& violators, const std::string& object,
                       const What& what) {
    const std::string doing = "looking for rows that violate " + object;
    if (m_plan.on_reject == RejectHandling::stop) {
        const auto rows = count("SELECT count(*) FROM (" + violators + ") violators", doing);
        if (rows == 0) {
            return false;
        }
        ErrorFacts facts{
            .code = ErrorCode::constraint, .backend = "postgresql", .table = table.name.display()};
        facts.next_step = "Mend the rows at the source, or leave them out with --on-reject dead-letter.";
        throw Error(facts, fmt::format("PostgreSQL: {} cannot be made: {}.", object,
                                       util::human_rows(rows, what.one, what.many)));
    }
    const auto index = static_cast<std::size_t>(&table - m_plan.schema.tables.data());
    std::uint64_t rows = 0;
    in_transaction(doing,
                   [&] { rows = m_removal.remove(index, violators, object + ": the row " + what.one); });
    return rows > 0;
}

template <class Body>
void Builder::in_transaction(const std::string& doing, Body body) {
    m_session.execute("BEGIN", doing);
    try {
        body();
        m_session.execute("COMMIT", doing);
    } catch (...) {
        if (m_session.alive()) {
            PQclear(PQexec(m_session.native(), "ROLLBACK"));
        }
        throw;
    }
}

void Builder::leave_out(const char* code, const std::string& object, const std::string& why,
                        const std::string& next_step, std::uint64_t count) {
    m_findings.push_back({Severity::left_out, code, object, why, next_step, count});
}

void Builder::run(const std::string& sql, const std::string& object, const char* code) {
    try {
        m_session.execute_one(sql, "building " + object);
    } catch (const Error& error) {
        // What the server cannot build at all (a key too long for a page is SQLSTATE 54000) is left out and
        // named; what may work later ends the run.
        const bool limit = error.facts().sqlstate == "54000";
        if (error.retryable() || error.code() == ErrorCode::cancelled ||
            (error.code() == ErrorCode::resource && !limit) || error.code() == ErrorCode::connection_lost ||
            error.code() == ErrorCode::io || !m_session.alive()) {
            throw;
        }
        leave_out(code, object, error.what(), "Create it by hand after the migration.", 0);
    }
}

void Builder::primary_key(const Table& table) {
    const Key& key = *table.primary_key;
    const std::string name = of_table("primary key", key.name, table);
    const auto columns = quoted(key.columns);
    std::string null_test;
    for (const std::string& column : columns) {
        null_test += (null_test.empty() ? "" : " OR ") + column + " IS NULL";
    }
    bool nullable = false;
    for (const std::string& column : key.columns) {
        const Column* found = table.find_column(column);
        nullable = nullable || (found != nullptr && found->nullable);
    }
    if (nullable && m_plan.on_reject == RejectHandling::stop) {
        const auto nulls =
            count(fmt::format("SELECT count(*) {} WHERE {}", from_staged(table, m_names), null_test),
                  "looking for NULLs in the key of " + table.name.display());
        if (nulls > 0) {
            // SQLite takes them, and a unique constraint says there what the key said: no row breaks a rule.
            leave_out("primary-key-nulls", name,
                      util::human_rows(nulls, "has", "have") +
                          " NULL in the primary key; it was built as a unique constraint.",
                      "Give those rows a key and add the primary key, or leave them out with --on-reject "
                      "dead-letter.",
                      nulls);
            unique_key(table, key);
            return;
        }
    } else if (nullable) {
        take_out(table,
                 fmt::format("SELECT tableoid, ctid {} WHERE {}", from_staged(table, m_names), null_test),
                 name, {"has NULL in the primary key", "have NULL in the primary key"});
    }
    const auto violators = duplicates(table, columns, true, "");
    make_unique(table, ddl::primary_key(table, m_names), violators, name, "primary-key-left-out");
}

/// Builds what makes rows unique, without those that are not.
void Builder::make_unique(const Table& table, const std::string& sql, const std::string& violators,
                          const std::string& name, const char* code) {
    try {
        m_session.execute_one(sql, "building " + name);
    } catch (const Error& error) {
        if (error.facts().sqlstate == "23505") {
            take_out(table, violators, name, {"repeats the key of another", "repeat the key of another"});
        }
        run(sql, name, code);
    }
}

void Builder::unique_key(const Table& table, const Key& key) {
    const bool nulls_equal = key.native_sql.find("NULLS NOT DISTINCT") != std::string::npos;
    make_unique(table, ddl::unique_key(table, key, m_names),
                duplicates(table, quoted(key.columns), nulls_equal, ""),
                of_table("unique key", key.name, table), "unique-key-left-out");
}

void Builder::index(const Table& table, const Index& index) {
    std::vector<std::string> expressions;
    for (const IndexPart& part : index.parts) {
        expressions.push_back(part.column.empty() ? "(" + m_names.rewrite(part.expression) + ")"
                                                  : quote_identifier(part.column));
        expressions.back() += part.collation.empty() ? "" : " COLLATE " + m_names.rewrite(part.collation);
    }
    const std::string where = index.predicate.empty() ? "" : "(" + m_names.rewrite(index.predicate) + ")";
    make_unique(table, ddl::index(table, index, m_names),
                duplicates(table, expressions, index.nulls_not_distinct, where),
                of_table("index", index.name, table), "index-left-out");
}

void Builder::check(const Table& table, const Check& check) {
    const std::string name = of_table("check", check.name, table);
    const std::string sql = ddl::check(table, check, check.validated, m_names);
    try {
        m_session.execute_one(sql, "building " + name);
    } catch (const Error& error) {
        if (error.facts().sqlstate == "23514") {
            take_out(table,
                     fmt::format("SELECT tableoid, ctid {} WHERE NOT ({})", from_staged(table, m_names),
                                 m_names.rewrite(check.expression)),
                     name, {"does not satisfy it", "do not satisfy it"});
        }
        run(sql, name, "check-left-out");
    }
}

/// Rows that are loaded are seen by all: once their pages say so, keys are checked from indexes alone.
void Builder::settle(const Table& table) {
    m_session.execute("VACUUM (TRUNCATE FALSE) " + quote_name(m_names.staged(table.name)),
                      "marking the rows of " + table.name.display());
}

void Builder::foreign_key(const Table& table, const ForeignKey& key) {
    const std::string name = of_table("foreign key", key.name, table);
    if (m_plan.on_orphan == OrphanHandling::dead_letter && is_first_foreign_key(m_plan.schema, key)) {
        in_transaction("looking for orphans", [&] { remove_orphans(m_session, m_plan, m_names, m_removal); });
    }
    if (!key.validated || is_validated_apart(table)) {
        run(ddl::foreign_key(table, key, false, m_names), name, "foreign-key-left-out");
        return;
    }
    try {
        m_session.execute_one(ddl::foreign_key(table, key, true, m_names), "building " + name);
    } catch (const Error& error) {
        if (error.facts().sqlstate != "23503") {
            run(ddl::foreign_key(table, key, true, m_names), name, "foreign-key-left-out");
            return;
        }
        report_orphans(table, key);
        run(ddl::foreign_key(table, key, false, m_names), name, "foreign-key-left-out");
    }
}

void Builder::validate(const Table& table, const ForeignKey& key) {
    const auto added = m_session.query(
        "SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = $1::pg_catalog.regclass AND conname = $2",
        {quote_name(m_names.staged(table.name)), key.name}, "looking for foreign key " + key.name);
    if (added.size() == 0) {
        return;  // It could not be added, which is said already.
    }
    const std::string name = of_table("foreign key", key.name, table);
    const std::string sql = ddl::validation(table, key, m_names);
    try {
        m_session.execute(sql, "checking " + name);
    } catch (const Error& error) {
        if (error.facts().sqlstate != "23503") {
            run(sql, name, "foreign-key-not-validated");
            return;
        }
        report_orphans(table, key);
    }
}

/// Of a key that is there, or will be, without its rows having been checked.
void Builder::report_orphans(const Table& table, const ForeignKey& key) {
    const std::string name = of_table("foreign key", key.name, table);
    const auto orphans =
        count("SELECT count(*) FROM (" + orphans_sql(m_plan.schema, table, key, m_names) + ") orphans",
              "looking for orphans of " + name);
    if (m_plan.on_orphan == OrphanHandling::stop) {
        ErrorFacts facts{
            .code = ErrorCode::constraint, .backend = "postgresql", .table = table.name.display()};
        facts.next_step = "Mend the rows at the source, or use --on-orphan dead-letter or not-valid.";
        throw Error(facts, fmt::format("PostgreSQL: {} rows that do not exist ({}, table {}).",
                                       util::human_rows(orphans, "references", "reference"), key.name,
                                       table.name.display()));
    }
    leave_out("foreign-key-orphans", name,
              util::human_rows(orphans, "references", "reference") +
                  " rows that do not exist; the key was added NOT VALID.",
              "Mend the rows, then ALTER TABLE … VALIDATE CONSTRAINT.", orphans);
}

void Builder::sequence(const Table& table, const Column& column) {
    const IdentityValue& identity = *column.identity;
    const std::string sequence = ddl::sequence_expression(table, column, m_names);
    const std::string doing = "setting the sequence of " + table.name.display();
    if (column.properties.contains("sequence_exhausted")) {
        // Numbers that were handed out once are not handed out again, the last one neither.
        m_session.query(fmt::format("SELECT pg_catalog.setval({0}, s.seqmax) FROM pg_catalog.pg_sequence s "
                                    "WHERE s.seqrelid = {0}",
                                    sequence),
                        {}, doing);
        return;
    }
    if (column.properties.contains("exact_next")) {
        if (identity.next) {
            set_exactly(sequence, *identity.next, doing);
        }
        return;
    }
    const std::int64_t next = identity.next.value_or(identity.start);
    if (const auto highest = column.properties.find("highest"); highest != column.properties.end()) {
        const auto now =
            m_session.query(fmt::format("SELECT coalesce(max({})::pg_catalog.text, '') {}",
                                        quote_identifier(column.name), from_staged(table, m_names)),
                            {}, doing);
        if (now.text(0, 0) == highest->second) {
            // Nothing was added since the sequence was read: it stands as it stood, behind its rows or not.
            set_exactly(sequence, next, doing);
            return;
        }
    }
    // Rows may have come by without the sequence: it goes past all of them.
    const bool falls = identity.increment < 0;
    const auto past = m_session.query(
        fmt::format(
            "SELECT least(greatest(CASE WHEN r.last {0} $1::pg_catalog.numeric THEN r.last {1} 1 ELSE "
            "$1::pg_catalog.numeric END, s.seqmin), s.seqmax)::pg_catalog.int8 FROM pg_catalog.pg_sequence "
            "s, LATERAL (SELECT {2}({3})::pg_catalog.numeric AS last {4} WHERE {3} < "
            "9223372036854775807) r WHERE s.seqrelid = {5}",
            falls ? "<=" : ">=", falls ? "-" : "+", falls ? "min" : "max", quote_identifier(column.name),
            from_staged(table, m_names), sequence),
        {std::to_string(next)}, doing);
    set_exactly(sequence, past.integer(0, 0), doing);
}

void Builder::set_exactly(const std::string& sequence, std::int64_t next, const std::string& doing) {
    // As a sequence stands after its last value was taken, where there is one before the next.
    m_session.query(
        fmt::format(
            "SELECT CASE WHEN $1::pg_catalog.int8 <> seqstart AND $1::pg_catalog.numeric - seqincrement "
            "BETWEEN seqmin AND seqmax THEN pg_catalog.setval({0}, $1::pg_catalog.int8 - seqincrement, "
            "true) ELSE pg_catalog.setval({0}, $1::pg_catalog.int8, false) END FROM "
            "pg_catalog.pg_sequence WHERE seqrelid = {0}",
            sequence),
        {std::to_string(next)}, doing);
}

void Builder::object(const SchemaObject& object) {
    if (object.kind == "sequence") {
        const auto next = object.properties.find("next");
        if (next != object.properties.end()) {
            set_exactly(quote_literal(quote_name(m_names.staged(object.name))) + "::pg_catalog.regclass",
                        std::stoll(next->second), "setting sequence " + object.name.display());
        }
        return;
    }
    std::string code = object.kind + "-left-out";
    std::replace(code.begin(), code.end(), ' ', '-');
    run(ddl::structure(object, m_names), object.kind + " " + object.name.display(), code.c_str());
}

}  // namespace migrate::backends::postgresql
