#include <algorithm>
#include <iterator>
#include <utility>

#include <migrate/error.hpp>

#include "backend/damage.hpp"
#include "backend/registry.hpp"
#include "migrator/execution.hpp"
#include "migrator/source_task.hpp"
#include "verify/compare.hpp"
#include "verify/query_timing.hpp"
#include "verify/row_diff.hpp"
#include "verify/rules.hpp"

/// Verification at level rigorous: what is believed at standard is looked at once more.
namespace migrate {
namespace {

constexpr std::uint64_t k_listed_rows = 100;

/// The staged table beside the ways into it, in the types that it has.
verify::TablePair pair_of(const MigrationPlan& plan, const std::vector<std::size_t>& ways) {
    const TablePlan& first = plan.tables[ways.front()];
    const Table& target = plan.target.tables[first.target];
    verify::TablePair pair;
    pair.a = &target;
    pair.b = &target;
    pair.task_b.table = &target;
    for (const std::size_t way : ways) {
        pair.tasks_a.push_back(source_task(plan, plan.tables[way]));
        pair.name_a +=
            (pair.name_a.empty() ? "" : " + ") + plan.source.tables[plan.tables[way].source].name.display();
    }
    for (const ColumnPlan& column : first.columns) {
        pair.task_b.columns.push_back(column.target);
        pair.names.push_back(target.columns[column.target].name);
        pair.types.push_back(target.columns[column.target].type);
    }
    for (const std::string& key :
         target.primary_key ? target.primary_key->columns : std::vector<std::string>()) {
        const auto it = std::find(pair.names.begin(), pair.names.end(), key);
        if (it == pair.names.end()) {
            pair.key.clear();
            break;
        }
        pair.key.push_back(static_cast<std::size_t>(it - pair.names.begin()));
    }
    return pair;
}

/// Which numbers are taken already is the source's own affair where the next one is the source's: as it
/// stands there, or as it stood where the source's rows came from.
bool is_given(const MigrationPlan& plan, const Table& source, const Column& planned, const ColumnPlan& column,
              std::int64_t next) {
    const auto& there = source.columns[column.source].identity;
    return (there && there->next == next) ||
           (!plan.source_provenance.empty() && planned.identity && planned.identity->next == next);
}

/// The schema without the next numbers that were given with the rows.
Schema without_given_numbers(const MigrationPlan& plan, Schema found) {
    for (const TablePlan& way : plan.tables) {
        const Table& planned = plan.target.tables[way.target];
        const auto table = std::find_if(found.tables.begin(), found.tables.end(),
                                        [&](const Table& one) { return one.name == planned.name; });
        if (table == found.tables.end()) {
            continue;
        }
        for (const ColumnPlan& way_in : way.columns) {
            const Column& wanted = planned.columns[way_in.target];
            for (Column& column : table->columns) {
                if (way_in.source != ColumnPlan::k_computed && column.name == wanted.name &&
                    column.identity && column.identity->next &&
                    is_given(plan, plan.source.tables[way.source], wanted, way_in, *column.identity->next)) {
                    column.identity->next.reset();
                }
            }
        }
    }
    return found;
}

}  // namespace

void Execution::verify_rigorously(backend::Source& staging, const Schema& found, unsigned readers) {
    VerificationReport& report = m_result.verification;
    read_source_again(ReadRoute::native);
    read_in_text(staging, readers);
    require_sound(staging, found);
    m_result.record.rules = verify::count_rules(found);
    report.schema = verify::unexpected_in(m_plan.target, found);
    auto broken = verify::broken_rules(staging, without_given_numbers(m_plan, found), m_result.findings);
    std::move(broken.begin(), broken.end(), std::back_inserter(report.schema));
    list_differing_rows(staging);
    if (report.equal()) {
        time_both_sides(staging);
    }
}

/// Of files, by the engine's own check: the keys and indexes of what is staged say what its rows do.
void Execution::require_sound(backend::Source& staging, const Schema& found) const {
    if (!backend::backend_named(m_plan.to.engine).capabilities().file_based) {
        return;
    }
    for (const Finding& finding : staging.check(found)) {
        if (finding.code == backend::k_database_damaged) {
            ErrorFacts facts;
            facts.code = ErrorCode::differs;
            facts.next_step = "Check the disk and the memory of this machine, then try again.";
            throw Error(std::move(facts),
                        "what was staged is damaged, and nothing was shown: " + finding.message);
        }
    }
}

/// What was loaded is what the source says a second time, in sessions that have read nothing of it yet. Of
/// tables of which rows, or values, were left out, only the target is known.
void Execution::read_source_again(ReadRoute route) {
    std::vector<verify::DigestTask> tasks;
    std::vector<std::size_t> ways;
    for (std::size_t i = 0; i < m_plan.tables.size(); ++i) {
        if (m_loaded[i].rejected + m_loaded[i].nulled == 0) {
            tasks.push_back(source_task(m_plan, m_plan.tables[i]));
            ways.push_back(i);
        }
    }
    Throttle& throttle = m_context.throttle;
    verify::ScanContext context{m_readers,           m_context.config.stop, {},
                                throttle.rate.get(), &throttle.gate,        &throttle.stages};
    context.algorithm = digest_algorithm_of(m_plan.options.level);
    context.route = route;
    const auto again = verify::digest_tables(*m_source, tasks, context);
    for (std::size_t i = 0; i < ways.size(); ++i) {
        TableComparison& table = comparison_of_way(ways[i]);
        if (route == ReadRoute::text) {
            Digest& in_text =
                table.source_text_digest ? *table.source_text_digest : table.source_text_digest.emplace();
            in_text.merge(again[i].digest);
        }
        if (again[i].not_comparable > 0 || !(again[i].digest == m_loaded[ways[i]].digest)) {
            note_difference(table, route == ReadRoute::native
                                       ? "the source, read once more, is not what was loaded"
                                       : "the source's values, read in text, are not what was loaded");
        }
    }
}

void Execution::note_difference(TableComparison& table, const std::string& note) {
    table.equal = false;
    table.note += (table.note.empty() ? "" : "; ") + note;
}

TableComparison& Execution::comparison_of_way(std::size_t way) {
    const std::vector<StagedTable> staged = staged_tables();
    for (std::size_t t = 0; t < staged.size(); ++t) {
        const auto& into = staged[t].ways;
        if (std::find(into.begin(), into.end(), way) != into.end()) {
            return m_result.verification.tables[t];
        }
    }
    throw Error(ErrorCode::internal, "a table's way leads nowhere");
}

void Execution::list_differing_rows(backend::Source& staging) {
    VerificationReport& report = m_result.verification;
    const std::vector<StagedTable> staged = staged_tables();
    for (std::size_t t = 0; t < staged.size(); ++t) {
        if (report.tables[t].equal) {
            continue;
        }
        const verify::TablePair pair = pair_of(m_plan, staged[t].ways);
        const std::uint64_t most = k_listed_rows - std::min<std::uint64_t>(k_listed_rows, report.rows.size());
        verify::ScanContext context{
            1, m_context.config.stop, {}, m_context.throttle.rate.get(), &m_context.throttle.gate};
        std::vector<RowDifference> rows;
        if (has_second_route()) {
            // What a first route has misread differs only here.
            context.route = ReadRoute::text;
            rows = verify::differing_rows(*m_source, staging, pair, most, context, report.rows_truncated);
            context.route = ReadRoute::native;
        }
        if (rows.empty()) {
            rows = verify::differing_rows(*m_source, staging, pair, most, context, report.rows_truncated);
        }
        std::move(rows.begin(), rows.end(), std::back_inserter(report.rows));
    }
}

void Execution::time_both_sides(backend::Source& staging) {
    std::vector<verify::TimedTable> tables;
    for (const StagedTable& staged : staged_tables()) {
        // Of tables that are split or merged no query is the same on both sides.
        const TablePlan& way = m_plan.tables[staged.ways.front()];
        const auto parts = std::count_if(m_plan.tables.begin(), m_plan.tables.end(),
                                         [&](const TablePlan& other) { return other.source == way.source; });
        if (staged.ways.size() == 1 && parts == 1 && way.where.empty()) {
            tables.push_back({&m_plan.source.tables[way.source], &staged_table(staged), staged.source});
        }
    }
    const auto finds = [](const Endpoint& endpoint) {
        return backend::backend_named(endpoint.engine).capabilities().finds_rows;
    };
    m_result.verification.timings =
        verify::time_queries({*m_source, staging, finds(m_plan.from) && finds(m_plan.to)}, std::move(tables),
                             m_context.config.stop);
}

}  // namespace migrate
