#include "backends/postgresql/merge.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/key_order.hpp"
#include "backend/merge_policy.hpp"
#include "backends/postgresql/existing.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/merge_names.hpp"
#include "backends/postgresql/sql/unique_keys.sql.hpp"
#include "util/human.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr std::string_view k_unique_violation = "23505";

std::string same_key(const ColumnOperators& operators, const std::vector<std::string>& key) {
    std::string out;
    for (const std::string& column : key) {
        out += fmt::format("{}{}.{} {} {}.{}", out.empty() ? "" : " AND ", k_target, quote_identifier(column),
                           operators.equal(column), k_staged, quote_identifier(column));
    }
    return out;
}

[[noreturn]] void refuse_rows(const Table& table, const std::string& why, const std::string& next_step) {
    ErrorFacts facts{.code = ErrorCode::constraint, .backend = "postgresql", .table = table.name.display()};
    facts.next_step = next_step;
    throw Error(facts, fmt::format("PostgreSQL: {} {}; the target is as it was.", table.name.display(), why));
}

}  // namespace

std::vector<const Column*> copied(const Table& table) {
    std::vector<const Column*> columns;
    for (const Column& column : table.columns) {
        if (!column.hidden && !column.generated) {
            columns.push_back(&column);
        }
    }
    return columns;
}

std::string list(const std::vector<const Column*>& columns, const std::string& alias) {
    std::string out;
    for (const Column* column : columns) {
        out +=
            (out.empty() ? "" : ", ") + (alias.empty() ? "" : alias + ".") + quote_identifier(column->name);
    }
    return out;
}

std::string create_load_staging(const Table& table, const StagingNames& names) {
    std::string columns;
    for (const Column* column : copied(table)) {
        columns += (columns.empty() ? "" : ", ") + quote_identifier(column->name) + " " +
                   names.rewrite(column->native_type);
        if (!column->collation.empty()) {
            columns += " COLLATE " + column->collation;
        }
        columns += column->nullable ? "" : " NOT NULL";
    }
    return fmt::format("CREATE TABLE {} ({})", quote_name(names.staged(table.name)), columns);
}

Merge::Merge(session::PostgresqlSession& session, const backend::TargetPlan& plan, const StagingNames& names)
    : m_session(session), m_plan(plan), m_staging(names), m_triggers(session) {}

Merge::Names Merge::names_of(const Table& table, int ordinal) const {
    Names names;
    names.target = quote_name(table.name);
    names.staged = quote_name(m_staging.staged(table.name));
    names.columns = list(copied(table), "");
    names.staged_columns = list(copied(table), k_staged);
    names.key = backend::merge_key(table);
    const auto known = m_operators.find(table.name);
    const ColumnOperators operators =
        known == m_operators.end() ? ColumnOperators(m_session, table.name) : known->second;
    names.match = same_key(operators, names.key);
    if (backend::conflict_policy(m_plan, table) == ConflictHandling::keep_newest) {
        const std::string column = quote_identifier(m_plan.newest_column);
        names.newer = fmt::format(" AND ({0}.{1} {3} {2}.{1} OR ({0}.{1} IS NOT NULL AND {2}.{1} IS NULL))",
                                  k_staged, column, k_target, operators.greater(m_plan.newest_column));
    }
    names.old_rows = quote_name(undo::old_rows(m_plan.migration, ordinal));
    names.new_rows = quote_name(undo::new_rows(m_plan.migration, ordinal));
    return names;
}

std::vector<const Table*> Merge::in_key_order() const {
    std::vector<const Table*> loaded;
    for (const Table& table : m_plan.schema.tables) {
        if (table.placement == Placement::load) {
            loaded.push_back(&table);
        }
    }
    return backend::in_key_order(std::move(loaded));
}

std::int64_t Merge::count(const std::string& sql, const std::string& doing) {
    return m_session.query(sql, doing).integer(0, 0);
}

std::uint64_t Merge::run_counted(const std::string& sql, const std::string& doing) {
    const auto result = m_session.execute(sql, doing);
    const std::string text = PQcmdTuples(result.get());
    return text.empty() ? 0 : std::stoull(text);
}

backend::MergedTable& Merge::merged_of(const Table& table) {
    const auto index = static_cast<std::size_t>(&table - m_plan.schema.tables.data());
    for (backend::MergedTable& one : m_merged) {
        if (one.table == index) {
            return one;
        }
    }
    return m_merged.emplace_back(backend::MergedTable{index, 0, 0, 0});
}

/// Locks the loaded tables, and remembers them and all sequences as they are before any row is merged.
void Merge::log_loaded() {
    m_session.execute("CREATE SCHEMA " + quote_identifier(undo::kept_schema(m_plan.migration)),
                      "making room for the undo log");
    for (const Table* table : in_key_order()) {
        log_table(table->name, table);
    }
    m_sequences = undo::sequence_positions(m_session);
    for (const Changed& changed : m_changed) {
        undo::note_sequences(m_session, m_plan.migration, changed.log.name, m_sequences);
    }
}

void Merge::run() {
    log_loaded();
    // Under their locks: what the plan knows of the tables has to hold still.
    refuse_changes(m_session, m_plan.schema, Placement::load);
    if (backend::triggers_fire(m_plan)) {
        m_written_before = undo::rows_written(m_session);
        for (const Changed& changed : m_changed) {
            copy_before(changed);
        }
        // The functions of triggers expect the role's own path.
        m_session.execute("SET LOCAL search_path TO DEFAULT; SAVEPOINT merge", "merging");
        merge_rows();
        while (add_touched()) {
            merge_rows();
        }
        m_session.execute("SET LOCAL search_path TO ''", "merging");
        for (const Changed& changed : m_changed) {
            find_changes(changed);
        }
    } else {
        merge_rows();
    }
    for (Changed& changed : m_changed) {
        if (changed.table != nullptr) {
            check(changed);
            set_sequences(*changed.table);
        }
        changed.log.after = undo::digest_by_server(m_session, changed.log.name);
        undo::add_table(m_session, m_plan.migration, changed.log);
    }
    undo::note_used_sequences(m_session, m_plan.migration, m_sequences);
}

void Merge::log_table(const QualifiedName& name, const Table* table) {
    const std::string doing = "locking " + name.display();
    m_session.execute(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", quote_name(name)), doing);
    if (table != nullptr) {
        m_operators.try_emplace(name, m_session, name);
    }
    Changed changed;
    changed.table = table;
    changed.log.ordinal = static_cast<int>(m_changed.size());
    changed.log.name = name;
    changed.log.placement = Placement::load;
    changed.log.before = undo::digest_by_server(m_session, name);
    for (const QualifiedName& log : {undo::old_rows(m_plan.migration, changed.log.ordinal),
                                     undo::new_rows(m_plan.migration, changed.log.ordinal)}) {
        m_session.execute(
            fmt::format("CREATE TABLE {} AS TABLE {} WITH NO DATA", quote_name(log), quote_name(name)),
            "making the undo log");
    }
    m_changed.push_back(std::move(changed));
}

void Merge::merge_rows() {
    m_merged.clear();
    m_session.execute("SET CONSTRAINTS ALL DEFERRED", "deferring constraints");
    for (const Changed& changed : m_changed) {
        if (changed.table != nullptr && m_plan.disable_triggers) {
            m_triggers.off(changed.table->name);
        }
    }
    for (std::size_t i = 0; i < m_changed.size(); ++i) {
        if (m_changed[i].table != nullptr) {
            merge_table(m_changed[i]);
        }
    }
    m_session.execute("SET CONSTRAINTS ALL IMMEDIATE", "checking deferred constraints");
    for (const Changed& changed : m_changed) {
        if (changed.table != nullptr && m_plan.disable_triggers) {
            m_triggers.on(changed.table->name);
        }
    }
}

std::string Merge::overwrite_sql(const Table& table, const Names& names) const {
    std::string set;
    for (const Column* column : copied(table)) {
        const bool always = column->identity && column->identity->kind == IdentityValue::Kind::always;
        if (!always) {
            set += fmt::format("{}{} = {}.{}", set.empty() ? "" : ", ", quote_identifier(column->name),
                               k_staged, quote_identifier(column->name));
        }
    }
    return fmt::format(
        "WITH changed AS (UPDATE {} AS {} SET {} FROM {} AS {} WHERE {}{} RETURNING {}.*) INSERT INTO {} "
        "SELECT * FROM changed",
        names.target, k_target, set, names.staged, k_staged, names.match, names.newer, k_target,
        names.new_rows);
}

std::string Merge::insert_sql(const Names& names) const {
    const bool skips = m_plan.on_conflict == ConflictHandling::skip;
    std::string where;
    if (!names.match.empty()) {
        where = fmt::format(" WHERE NOT EXISTS (SELECT FROM {} AS {} WHERE {})", names.target, k_target,
                            names.match);
    }
    return fmt::format(
        "WITH added AS (INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS {}{} ORDER BY "
        "{}.ctid{} RETURNING *) INSERT INTO {} SELECT * FROM added",
        names.target, names.columns, names.staged_columns, names.staged, k_staged, where, k_staged,
        skips ? " ON CONFLICT DO NOTHING" : "", names.new_rows);
}

void Merge::refuse_conflicts(const Changed& changed, const Names& names, std::int64_t staged) {
    if (names.match.empty() || staged == 0) {
        return;
    }
    const Table& table = *changed.table;
    const std::string doing = "looking for keys that are there in " + table.name.display();
    if (m_plan.on_conflict != ConflictHandling::skip) {
        const std::string key = quote_list(names.key);
        const auto repeated =
            count(fmt::format("SELECT coalesce(pg_catalog.sum(n OPERATOR(pg_catalog.-) 1), "
                              "0)::pg_catalog.int8 FROM (SELECT "
                              "pg_catalog.count(*) AS n FROM {} WHERE ROW{} IS NOT NULL GROUP BY {} HAVING "
                              "pg_catalog.count(*) OPERATOR(pg_catalog.>) 1) r",
                              names.staged, key, key.substr(1, key.size() - 2)),
                  doing);
        if (repeated > 0) {
            refuse_rows(
                table,
                "would get " + util::human_rows(repeated, "that repeats", "that repeat") + " another's key",
                "Remove the duplicates at the source, or use --on-conflict skip.");
        }
    }
    if (backend::conflict_policy(m_plan, table) == ConflictHandling::stop) {
        const auto there = count(fmt::format("SELECT pg_catalog.count(*) FROM {} AS {} JOIN {} AS {} ON {}",
                                             names.target, k_target, names.staged, k_staged, names.match),
                                 doing);
        if (there > 0) {
            refuse_rows(table, fmt::format("has {} of the keys already", there),
                        "Say what becomes of them with --on-conflict skip, overwrite or keep-newest.");
        }
    }
}

void Merge::merge_table(const Changed& changed) {
    const Table& table = *changed.table;
    const Names names = names_of(table, changed.log.ordinal);
    const std::string doing = "merging into " + table.name.display();
    const auto staged = count("SELECT pg_catalog.count(*) FROM " + names.staged, doing);
    refuse_conflicts(changed, names, staged);
    backend::MergedTable& merged = merged_of(table);
    m_session.execute("SAVEPOINT one_table", doing);
    try {
        if (backend::overwrites(m_plan, table) && !names.match.empty()) {
            m_session.execute(fmt::format("INSERT INTO {} SELECT {}.* FROM {} AS {} JOIN {} AS {} ON {}{}",
                                          names.old_rows, k_target, names.target, k_target, names.staged,
                                          k_staged, names.match, names.newer),
                              doing);
            merged.overwritten = run_counted(overwrite_sql(table, names), doing);
        }
        if (!names.columns.empty()) {
            merged.inserted = run_counted(insert_sql(names), doing);
        }
    } catch (const Error& error) {
        if (error.facts().sqlstate != k_unique_violation) {
            throw;
        }
        m_session.execute("ROLLBACK TO SAVEPOINT one_table", doing);
        refuse_repeated(table, names, error);
    }
    m_session.execute("RELEASE SAVEPOINT one_table", doing);
    const std::uint64_t taken = merged.inserted + merged.overwritten;
    const auto all = static_cast<std::uint64_t>(staged);
    merged.skipped = all > taken ? all - taken : 0;
}

void Merge::refuse_repeated(const Table& table, const Names& names, const Error& error) {
    const std::string doing = "looking for repeated keys of " + table.name.display();
    const ColumnOperators operators(m_session, table.name);
    const auto keys = m_session.query(sql::unique_keys, {names.target}, doing);
    for (int row = 0; row < keys.size(); ++row) {
        const std::vector<std::string> columns = keys.array(row, 1);
        const std::string same = same_key(operators, columns);
        const std::string others =
            names.match.empty() ? std::string() : fmt::format(" AND NOT ({})", names.match);
        const auto clashes = count(
            fmt::format(
                "SELECT pg_catalog.count(*) FROM {} AS {} WHERE EXISTS (SELECT FROM {} AS {} WHERE {}{})",
                names.staged, k_staged, names.target, k_target, same, others),
            doing);
        const std::string list = quote_list(columns);
        const auto repeated =
            count(fmt::format(
                      "SELECT coalesce(pg_catalog.sum(n OPERATOR(pg_catalog.-) 1), 0)::pg_catalog.int8 FROM "
                      "(SELECT pg_catalog.count(*) AS n FROM {} WHERE ROW{} IS NOT NULL GROUP BY {} HAVING "
                      "pg_catalog.count(*) OPERATOR(pg_catalog.>) 1) r",
                      names.staged, list, list.substr(1, list.size() - 2)),
                  doing);
        if (clashes + repeated > 0) {
            refuse_rows(
                table,
                fmt::format(
                    "cannot take {} value of unique key {} {} another row has as well, or has until it "
                    "is changed itself",
                    util::human_rows(static_cast<std::uint64_t>(clashes + repeated), "whose", "whose"),
                    keys.text(row, 0), list),
                "Mend those values on either side, or use --on-conflict skip; rows that only exchange "
                "values can be loaded where the constraint is DEFERRABLE.");
        }
    }
    refuse_rows(
        table,
        std::string("has a unique index of an expression, or of some of its rows, that refuses rows: ") +
            error.what(),
        "Mend the values that it is made of, or use --on-conflict skip.");
}

/// Tables that triggers have written to, beside those known; true where there are new ones.
bool Merge::add_touched() {
    std::vector<QualifiedName> found;
    for (const auto& [name, rows] : undo::rows_written(m_session)) {
        if (const auto before = m_written_before.find(name);
            before != m_written_before.end() && before->second == rows) {
            continue;
        }
        const auto is_known = [&](const QualifiedName& table) {
            return std::any_of(m_changed.begin(), m_changed.end(),
                               [&](const Changed& one) { return one.log.name == table; });
        };
        const auto ancestors = undo::ancestors_of(m_session, name);
        if (!is_known(name) && std::none_of(ancestors.begin(), ancestors.end(), is_known)) {
            found.push_back(name);
        }
    }
    if (found.empty()) {
        return false;
    }
    // Only what is remembered before the merge begins can be undone.
    m_session.execute("ROLLBACK TO SAVEPOINT merge; RELEASE SAVEPOINT merge; SET LOCAL search_path TO ''",
                      "merging again");
    for (const QualifiedName& name : found) {
        log_table(name, nullptr);
        undo::note_sequences(m_session, m_plan.migration, name, m_sequences);
        copy_before(m_changed.back());
        m_findings.push_back(
            {Severity::note,
             "trigger-writes",
             "table " + name.display(),
             "is written to by triggers of the tables that are loaded; it is in the undo log",
             {},
             0});
    }
    m_session.execute("SET LOCAL search_path TO DEFAULT; SAVEPOINT merge", "merging again");
    return true;
}

/// Sequences go past the numbers that came without them.
void Merge::set_sequences(const Table& table) {
    for (const Column* column : copied(table)) {
        if (!column->identity || column->identity->sequence.empty() || column->identity->increment <= 0) {
            continue;
        }
        const std::string& sequence = column->identity->sequence;
        m_session.query(
            fmt::format(
                "SELECT pg_catalog.setval($1::pg_catalog.regclass, least(m.highest, d.seqmax)) FROM "
                "(SELECT max({})::pg_catalog.int8 AS highest FROM {}) m, {} s, "
                "pg_catalog.pg_sequence d WHERE d.seqrelid = $1::pg_catalog.regclass AND m.highest >= "
                "d.seqmin AND (m.highest > s.last_value OR (m.highest = s.last_value AND NOT "
                "s.is_called))",
                quote_identifier(column->name), quote_name(table.name), sequence),
            {sequence}, "setting the sequence of " + table.name.display());
    }
}

std::vector<std::string> Merge::statements() const {
    std::vector<std::string> out;
    int ordinal = 0;
    for (const Table* table : in_key_order()) {
        const Names names = names_of(*table, ordinal++);
        out.push_back(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", names.target));
        if (backend::overwrites(m_plan, *table) && !names.match.empty()) {
            out.push_back(overwrite_sql(*table, names));
        }
        out.push_back(insert_sql(names));
    }
    return out;
}

}  // namespace migrate::backends::postgresql
