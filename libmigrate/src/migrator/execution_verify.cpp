#include <algorithm>
#include <iterator>
#include <utility>

#include <migrate/error.hpp>

#include "migrator/column_check.hpp"
#include "migrator/execution.hpp"
#include "verify/digest_scan.hpp"
#include "verify/schema_compare.hpp"

/// What a run makes sure of between the load and the cutover.
namespace migrate {
namespace {

using Clock = std::chrono::steady_clock;

void append(std::vector<Finding>& to, std::vector<Finding> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

verify::DigestTask staged_task(const MigrationPlan& plan, const TablePlan& table) {
    verify::DigestTask task;
    task.table = &plan.target.tables[table.target];
    for (const ColumnPlan& column : table.columns) {
        task.columns.push_back(column.target);
    }
    return task;
}

/// A table that keeps its place keeps its definition: nothing of it is made.
Schema made_anew(Schema schema) {
    std::erase_if(schema.tables, [](const Table& table) { return table.placement == Placement::load; });
    return schema;
}

}  // namespace

std::vector<verify::TableDigest> Execution::read_back(backend::Source& staging, unsigned readers,
                                                      const std::stop_token& stop,
                                                      const std::function<bool(std::size_t)>& wait,
                                                      ReadRoute route) {
    const std::vector<StagedTable> staged = staged_tables();
    std::vector<verify::DigestTask> tasks;
    tasks.reserve(staged.size());
    for (const StagedTable& table : staged) {
        tasks.push_back(staged_task(m_plan, m_plan.tables[table.ways[0]]));
    }
    Throttle& throttle = m_context.throttle;
    verify::ScanContext context{readers, stop, {}, throttle.rate.get(), &throttle.gate, &throttle.stages};
    context.algorithm = digest_algorithm_of(m_plan.options.level);
    context.route = route;
    if (wait) {
        // Progress is that of the build meanwhile.
        context.await = [&](std::size_t task) { return wait(m_plan.tables[staged[task].ways[0]].target); };
    } else if (route == ReadRoute::native) {
        context.progress = [&](std::size_t task, std::uint64_t rows) {
            m_context.events.progress(staged[task].source, rows, 0, staged[task].rows);
        };
    }
    return verify::digest_tables(staging, tasks, context);
}

const Table& Execution::staged_table(const StagedTable& staged) const {
    return m_plan.target.tables[m_plan.tables[staged.ways[0]].target];
}

std::vector<std::uint64_t> Execution::count_source() {
    std::vector<std::uint64_t> rows(m_plan.source.tables.size());
    for (const TablePlan& plan : m_plan.tables) {
        if (rows[plan.source] == 0) {
            rows[plan.source] = m_source->count_rows(m_plan.source.tables[plan.source]);
        }
    }
    return rows;
}

Execution::ReadBack Execution::read_meanwhile(const std::stop_token& stop,
                                              const std::function<bool(std::size_t)>& wait) {
    ReadBack read;
    util::StageClock clock(&m_context.throttle.stages);
    read.source_rows = count_source();
    const auto staging = m_target->open_staging();
    const unsigned readers = staging->pin_snapshot(m_workers.read_back);
    clock.worked(Stage::verify);
    const std::vector<StagedTable> staged = staged_tables();
    read.digests.resize(staged.size());
    if (reads_back()) {
        read.digests = read_back(*staging, readers, stop, wait);
        clock.look();
    }
    for (const StagedTable& table : staged) {
        if (!wait(m_plan.tables[table.ways[0]].target)) {
            throw Error(ErrorCode::cancelled, "stopped as asked");
        }
        const util::PauseGate::Work work(&m_context.throttle.gate, stop);
        clock.look();
        read.rows.push_back(staging->count_rows(staged_table(table)));
        clock.worked(Stage::verify);
    }
    return read;
}

void Execution::verify() {
    m_result.state = MigrationState::verifying;
    enter(Phase::verify, m_plan.estimates.rows);
    const auto start = Clock::now();
    Throttle& throttle = m_context.throttle;
    util::StageClock clock(&throttle.stages);
    const auto staging = m_target->open_staging();
    const unsigned readers = staging->pin_snapshot(m_workers.read_back);
    backend::SchemaRequest declared;
    declared.profile = false;
    declared.count_rows = false;
    declared.read_only_declared = true;
    const Schema found = staging->read_schema(declared).schema;
    append(m_result.findings, verify::missing_in(made_anew(m_plan.target), found, m_result.findings));

    VerificationReport& report = m_result.verification;
    report.level = m_plan.options.level;
    const std::vector<StagedTable> staged = staged_tables();
    if (!m_read_back) {
        m_read_back.emplace();
        m_read_back->digests.resize(staged.size());
        if (reads_back()) {
            clock.worked(Stage::verify);
            m_read_back->digests = read_back(*staging, readers, m_context.config.stop, {});
            clock.look();
        }
        m_read_back->source_rows = count_source();
        for (const StagedTable& table : staged) {
            m_read_back->rows.push_back(staging->count_rows(staged_table(table)));
        }
    }
    for (std::size_t i = 0; i < staged.size(); ++i) {
        clock.worked(Stage::verify);
        m_context.check_stop();
        clock.look();
        compare_staged(staged[i], m_read_back->digests[i].digest, m_read_back->rows[i],
                       m_read_back->source_rows);
        name_columns(*staging, staged[i]);
    }
    if (report.level >= VerificationLevel::rigorous) {
        verify_rigorously(*staging, found, readers);
    }
    clock.worked(Stage::verify);
    report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    m_result.record.compared = true;
    if (!report.equal()) {
        fail_verification();
    }
}

/// What another run has staged is trusted once it was read.
bool Execution::reads_back() const {
    return m_resumed || m_plan.options.level != VerificationLevel::basic;
}

/// Which columns differ, where rows do.
void Execution::name_columns(backend::Source& staging, const StagedTable& staged) {
    TableComparison& table = m_result.verification.tables.back();
    if (table.note != "values differ") {
        return;
    }
    std::string names;
    for (const std::string& name : differing_columns(
             *m_source, staging, m_plan, staged.ways,
             {1, m_context.config.stop, {}, m_context.throttle.rate.get(), &m_context.throttle.gate})) {
        names += (names.empty() ? "" : ", ") + name;
    }
    if (!names.empty()) {
        table.note += " in column " + names;
    }
}

void Execution::fail_verification() {
    ErrorFacts facts;
    facts.code = ErrorCode::differs;
    std::string which;
    for (const TableComparison& table : m_result.verification.tables) {
        if (!table.equal) {
            which += (which.empty() ? ": " : "; ") + ("table " + table.target + ": " + table.note);
            if (table.note.find(" in column ") != std::string::npos) {
                facts.next_step =
                    "a type that spells values its own way does not keep another spelling: mend the values, "
                    "or have the column another type with --type TABLE.COLUMN=text";
            }
        }
    }
    for (const SchemaDifference& difference : m_result.verification.schema) {
        which += (which.empty() ? ": " : "; ") + difference.object + ": " +
                 (difference.expected.empty() ? "is not of the plan" : difference.expected) + ", but " +
                 difference.found;
    }
    throw Error(facts, "the staged target is not equal to the source; nothing was shown" + which);
}

/// A target table is compared once, with all that was loaded into it.
std::vector<Execution::StagedTable> Execution::staged_tables() const {
    std::vector<StagedTable> staged;
    for (std::size_t i = 0; i < m_plan.tables.size(); ++i) {
        const TablePlan& plan = m_plan.tables[i];
        const auto it = std::find_if(staged.begin(), staged.end(), [&](const StagedTable& table) {
            return m_plan.tables[table.ways[0]].target == plan.target;
        });
        StagedTable& table = it != staged.end() ? *it : staged.emplace_back();
        table.ways.push_back(i);
        table.rows += plan.rows;
        table.source +=
            (table.source.empty() ? "" : " + ") + m_plan.source.tables[plan.source].name.display();
    }
    return staged;
}

void Execution::compare_staged(const StagedTable& staged, const Digest& digest, std::uint64_t target_rows,
                               const std::vector<std::uint64_t>& source_rows) {
    TableComparison& table = m_result.verification.tables.emplace_back();
    table.source = staged.source;
    table.target = m_result.tables[staged.ways[0]].target;
    table.target_rows = target_rows;
    table.target_digest = digest;
    std::uint64_t loaded = 0;
    bool rows_equal = true;
    for (const std::size_t way : staged.ways) {
        TableResult& result = m_result.tables[way];
        const Table& planned = m_plan.source.tables[m_plan.tables[way].source];
        result.source_rows = source_rows[m_plan.tables[way].source];
        // Counted when the plan was made, of the same state: a table that was emptied under the snapshot
        // would agree with itself. Lines that are no rows count now, and did not then.
        rows_equal = rows_equal && (!planned.row_count_exact || result.source_rows >= planned.row_estimate);
        table.source_rows += result.source_rows - m_loaded[way].filtered;
        table.source_digest.merge(m_loaded[way].digest);
        loaded += m_loaded[way].rows;
        rows_equal = rows_equal && result.source_rows ==
                                       m_loaded[way].rows + m_loaded[way].rejected + m_loaded[way].filtered;
    }
    rows_equal = rows_equal && loaded == target_rows;
    const bool values_equal = !reads_back() || table.source_digest == table.target_digest;
    table.equal = rows_equal && values_equal;
    table.note = rows_equal ? (values_equal ? "" : "values differ") : "row counts differ";
}

}  // namespace migrate
