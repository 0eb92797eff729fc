#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/merge_names.hpp"

namespace migrate::backends::postgresql {

/// With triggers that may change anything in it, a table is compared with what it was.
void Merge::copy_before(const Changed& changed) {
    m_session.execute(
        fmt::format("CREATE TABLE {}.{} AS TABLE {}", quote_identifier(undo::kept_schema(m_plan.migration)),
                    quote_identifier(fmt::format("before_{}", changed.log.ordinal)),
                    quote_name(changed.log.name)),
        "keeping the rows of " + changed.log.name.display());
}

/// Old and new rows by comparing every row with what it was; equal rows count as often as they occur.
void Merge::find_changes(const Changed& changed) {
    const int ordinal = changed.log.ordinal;
    const std::string before =
        quote_name({undo::kept_schema(m_plan.migration), fmt::format("before_{}", ordinal)});
    const std::string now = quote_name(changed.log.name);
    const auto numbered = [](const std::string& table) {
        return fmt::format(
            "(SELECT _migrate_row AS r, _migrate_row::pg_catalog.text AS x, "
            "pg_catalog.row_number() OVER (PARTITION BY _migrate_row::pg_catalog.text) AS k FROM {} "
            "AS _migrate_row)",
            table);
    };
    const auto difference = [&](const std::string& log, const std::string& of, const std::string& from) {
        m_session.execute(
            fmt::format("TRUNCATE {0}; INSERT INTO {0} SELECT (a.r).* FROM {1} a WHERE NOT EXISTS (SELECT "
                        "FROM {2} b WHERE b.x = a.x AND b.k = a.k)",
                        log, numbered(of), numbered(from)),
            "comparing " + changed.log.name.display() + " with what it was");
    };
    difference(quote_name(undo::old_rows(m_plan.migration, ordinal)), before, now);
    difference(quote_name(undo::new_rows(m_plan.migration, ordinal)), now, before);
    m_session.execute("DROP TABLE " + before, "dropping a copy");
}

/// What is there now against what was staged.
void Merge::check(const Changed& changed) {
    const Table& table = *changed.table;
    const Names names = names_of(table, changed.log.ordinal);
    const std::string doing = "checking the merged rows of " + table.name.display();
    const bool skips = m_plan.on_conflict == ConflictHandling::skip;
    const bool keyed = !names.match.empty();
    const std::int64_t changed_rows =
        !keyed ? 0
               : count(fmt::format("SELECT count(*) FROM {} AS {} JOIN {} AS {} ON {} WHERE "
                                   "ROW({})::pg_catalog.text IS DISTINCT FROM ROW({})::pg_catalog.text",
                                   names.new_rows, k_target, names.staged, k_staged, names.match,
                                   list(copied(table), k_target), names.staged_columns),
                       doing);
    // Rows that no key tells apart are compared whole, and equal ones counted.
    const std::int64_t missing =
        keyed ? count(fmt::format("SELECT count(*) FROM {} AS {} WHERE NOT EXISTS (SELECT FROM {} AS {} "
                                  "WHERE {})",
                                  names.staged, k_staged, names.target, k_target, names.match),
                      doing)
              : count(fmt::format("SELECT count(*) FROM (SELECT ROW({})::pg_catalog.text FROM {} AS {} "
                                  "EXCEPT ALL SELECT ROW({})::pg_catalog.text FROM {} AS {}) r",
                                  names.staged_columns, names.staged, k_staged, list(copied(table), k_target),
                                  names.new_rows, k_target),
                      doing);
    const bool by_triggers = backend::triggers_fire(m_plan);
    if (!by_triggers && (changed_rows > 0 || (missing > 0 && !skips))) {
        throw Error(
            ErrorFacts{.code = ErrorCode::differs, .backend = "postgresql", .table = table.name.display()},
            fmt::format("PostgreSQL: after the merge {} of the rows of {} are not as they were "
                        "staged; the target is as it was.",
                        changed_rows + missing, table.name.display()));
    }
    if (changed_rows > 0) {
        m_findings.push_back({Severity::risk,
                              "rows-changed-by-trigger",
                              "table " + table.name.display(),
                              "the table's own triggers changed values of rows that were loaded",
                              {},
                              static_cast<std::uint64_t>(changed_rows)});
    }
    if (missing > 0 && !skips) {
        m_findings.push_back({Severity::left_out,
                              "rows-refused-by-trigger",
                              "table " + table.name.display(),
                              keyed ? "the table's own triggers left rows out"
                                    : "the table's own triggers left rows out or changed them",
                              {},
                              static_cast<std::uint64_t>(missing)});
    }
}

}  // namespace migrate::backends::postgresql
