#include "backends/sqlite/builder.hpp"

#include <algorithm>
#include <string>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/sqlite/cutover.hpp"
#include "backends/sqlite/definition.hpp"
#include "backends/sqlite/integrity.hpp"
#include "backends/sqlite/row_removal.hpp"
#include "backends/sqlite/staging.hpp"
#include "util/human.hpp"

namespace migrate::backends::sqlite {
namespace {

using backend::BuildStep;
using session::SqliteSession;

/// A run of the sorter of this size stays in the processor's cache: sorting 3,000,000 keys of two numbers
/// takes 1.6 s of processor time so, and 4.6 s in one run of 256 MiB.
constexpr std::uint64_t k_sort_bytes = 2ULL * 1024 * 1024;
/// That sort runs, and merge them, while the table is read and the index written.
constexpr int k_sort_threads = 2;
/// Foreign keys look up one row after another in the index of another table; so does what is taken out.
constexpr std::uint64_t k_lookup_bytes = 64ULL * 1024 * 1024;

void prepare_sorting(const SqliteSession& session) {
    set_cache(session, k_sort_bytes);
    // The session allows none, for files of others.
    sqlite3_limit(session.handle(), SQLITE_LIMIT_WORKER_THREADS, k_sort_threads);
    session.execute("PRAGMA threads=" + std::to_string(k_sort_threads), "set up");
}

/// By policy: taken out, or Error{constraint}.
void take_duplicates_out(const SqliteSession& session, const backend::TargetPlan& plan,
                         std::size_t index_of_table, const Index& index, RowRemoval& removal) {
    const Table& table = plan.schema.tables.at(index_of_table);
    if (plan.on_reject != RejectHandling::stop) {
        removal.remove_duplicates(index_of_table, index);
        return;
    }
    const auto rows = session.query_integer("SELECT count(*) FROM (" + duplicates_sql(table, index) + ")");
    ErrorFacts facts;
    facts.code = ErrorCode::constraint;
    facts.backend = "sqlite";
    facts.table = table.name.display();
    facts.next_step = "Mend the rows at the source, or leave them out with --on-reject dead-letter.";
    throw Error(std::move(facts),
                "unique index " + index.name + " of table " + table.name.display() + " cannot be made: " +
                    util::human_rows(static_cast<std::uint64_t>(rows), "repeats", "repeat") +
                    " the key of another");
}

bool is_first_with_foreign_keys(const std::vector<Table>& tables, std::size_t table) {
    return std::all_of(tables.begin(), tables.begin() + static_cast<std::ptrdiff_t>(table),
                       [](const Table& earlier) { return earlier.foreign_keys.empty(); });
}

}  // namespace

std::vector<BuildStep> build_steps_of(const Schema& schema) {
    std::vector<BuildStep> steps;
    std::vector<BuildStep> last;
    for (std::size_t t = 0; t < schema.tables.size(); ++t) {
        const Table& table = schema.tables[t];
        if (table.placement == Placement::load) {
            continue;
        }
        for (std::size_t i = 0; i < table.indexes.size(); ++i) {
            steps.push_back({BuildStep::Kind::index, t, i,
                             "index " + table.indexes[i].name + " on " + table.name.display()});
        }
        // These look things up in the other tables' indexes.
        if (!table.foreign_keys.empty() && table.placement != Placement::load &&
            !backend::loads_any(schema)) {
            last.push_back({BuildStep::Kind::foreign_key, t, 0, "foreign keys of " + table.name.display()});
        }
        for (const Column& column : table.columns) {
            if (column.identity && column.identity->kind == IdentityValue::Kind::autoincrement) {
                last.push_back({BuildStep::Kind::sequence, t, 0, "sequence of " + table.name.display()});
            }
        }
    }
    for (std::size_t i = 0; i < schema.objects.size(); ++i) {
        last.push_back(
            {BuildStep::Kind::object, 0, i, schema.objects[i].kind + " " + schema.objects[i].name.display()});
    }
    steps.insert(steps.end(), last.begin(), last.end());
    return steps;
}

backend::BuildResult Builder::build(const BuildStep& step) {
    // SQLite sorts in runs of its cache's size.
    if (step.kind == BuildStep::Kind::index) {
        prepare_sorting(m_session);
    } else {
        set_cache(m_session, k_lookup_bytes);
    }
    switch (step.kind) {
        case BuildStep::Kind::index:
            return build_index(step.table, m_plan.schema.tables.at(step.table).indexes.at(step.item));
        case BuildStep::Kind::foreign_key:
            return check_foreign_keys(step.table);
        case BuildStep::Kind::sequence:
            set_sequence(m_session, m_plan.schema.tables.at(step.table));
            return {};
        case BuildStep::Kind::object:
            return {build_object(m_plan.schema.objects.at(step.item)), {}};
        default:
            throw Error(ErrorCode::internal, "SQLite makes keys and checks with their table");
    }
}

backend::BuildResult Builder::build_index(std::size_t table, const Index& index) {
    const std::string doing = "build index " + index.name + " in";
    RowRemoval removal(m_session, m_plan);
    try {
        try {
            execute_definition(m_session, "index", index.native_sql, doing);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::constraint || !index.unique) {
                throw;
            }
            set_cache(m_session, k_lookup_bytes);
            take_duplicates_out(m_session, m_plan, table, index, removal);
            prepare_sorting(m_session);
            execute_definition(m_session, "index", index.native_sql, doing);
        }
    } catch (const Error& error) {
        const bool unbuildable = error.code() == ErrorCode::unsupported ||
                                 (error.code() == ErrorCode::constraint && error.facts().table.empty());
        if (!unbuildable) {
            throw;
        }
        return {{{Severity::left_out, "index-left-out", "index " + index.name, error.what(),
                  "Mend the rows and create the index by hand.", 0}},
                removal.take()};
    }
    return {{}, removal.take()};
}

backend::BuildResult Builder::check_foreign_keys(std::size_t index) {
    const Table& table = m_plan.schema.tables.at(index);
    RowRemoval removal(m_session, m_plan);
    if (m_plan.on_orphan == OrphanHandling::dead_letter &&
        is_first_with_foreign_keys(m_plan.schema.tables, index)) {
        removal.remove_orphans();
    }
    std::vector<Finding> findings = find_orphans(m_session, table, Severity::left_out);
    if (!findings.empty() && m_plan.on_orphan == OrphanHandling::stop) {
        ErrorFacts facts;
        facts.code = ErrorCode::constraint;
        facts.backend = "sqlite";
        facts.table = table.name.name;
        facts.next_step = "Mend the rows at the source, or use --on-orphan dead-letter or not-valid.";
        throw Error(std::move(facts), findings[0].object + ": " + findings[0].message);
    }
    return {std::move(findings), removal.take()};
}

std::vector<Finding> Builder::build_object(const SchemaObject& object) {
    try {
        execute_definition(m_session, object.kind, object.native_sql,
                           "create " + object.kind + " " + object.name.display() + " in");
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) {
            throw;
        }
        return {{Severity::left_out, object.kind + "-left-out", object.kind + " " + object.name.display(),
                 error.what(), "", 0}};
    }
    return {};
}

}  // namespace migrate::backends::sqlite
