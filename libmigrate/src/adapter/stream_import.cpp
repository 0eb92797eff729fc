#include "adapter/stream_import.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "adapter/stream_source.hpp"
#include "adapter/table_writer.hpp"
#include "plan/planner.hpp"
#include "util/clock.hpp"
#include "util/hex.hpp"
#include "util/random_id.hpp"
#include "verify/digest_scan.hpp"
#include "verify/schema_compare.hpp"

namespace migrate::adapter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto k_between_events = std::chrono::milliseconds(100);

void append(std::vector<Finding>& to, std::vector<Finding> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

std::chrono::milliseconds since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

/// A host hands its rows over itself, and is told of the one that does not fit; it can leave it out.
void refuse_policies(const PlanOptions& options) {
    if (options.on_reject == RejectHandling::stop && options.on_orphan != OrphanHandling::dead_letter) {
        return;
    }
    ErrorFacts facts{.code = ErrorCode::unsupported};
    facts.next_step =
        "Leave on_reject at stop and on_orphan at stop or not_valid, or migrate with CrossDatabaseMigrator.";
    throw Error(facts, "An import of a stream stops at a row that does not fit; it keeps no dead letters.");
}

/// One import; its members are what its steps share.
class StreamImport {
  public:
    StreamImport(RowStream& rows, const ImportTarget& to, const AdapterConfig& config)
        : m_rows(rows), m_to(to), m_config(config) {}

    MigrationResult run(const PlanOptions& options) {
        make_plan(options);
        m_to.target.lock(m_plan.id);
        try {
            enter(Phase::schema);
            m_to.target.begin(plan::target_plan_of(m_plan, m_owner));
            load();
            build();
            verify();
        } catch (...) {
            // Staging that cannot be dropped now is found by its record in the target.
            drop_staging();
            throw;
        }
        cut_over();
        m_result.duration = since(m_start);
        return std::move(m_result);
    }

  private:
    void enter(Phase phase) {
        check_stop();
        m_phase = phase;
        emit(EventKind::phase_started, {}, 0, 0);
    }

    void check_stop() const {
        if (m_config.stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "Stopped as asked.");
        }
    }

    void emit(EventKind kind, const std::string& table, std::uint64_t done, std::uint64_t bytes) {
        if (!m_config.observer) {
            return;
        }
        MigrationEvent event;
        event.kind = kind;
        event.phase = m_phase;
        event.migration = m_plan.id;
        event.table = table;
        event.done = done;
        event.bytes = bytes;
        event.time = Clock::now();
        m_config.observer(event);
    }

    void emit_progress(const std::string& table, std::uint64_t done, std::uint64_t bytes) {
        if (Clock::now() - m_last_event >= k_between_events) {
            m_last_event = Clock::now();
            emit(EventKind::progress, table, done, bytes);
        }
    }

    void make_plan(const PlanOptions& options) {
        refuse_policies(options);
        m_phase = Phase::plan;
        if (!options.mapping.tables.empty()) {
            throw Error(
                ErrorCode::usage,
                "an import takes rows as they are delivered: a mapping that changes tables works in a "
                "migration only");
        }
        StreamSource source(m_rows);
        Endpoint from;
        from.engine = "stream";
        m_plan = plan::make_plan({from, m_to.endpoint, source, m_to.target, m_to.can}, options,
                                 util::to_hex(util::random_bytes(6)),
                                 util::iso_utc(std::chrono::system_clock::now()));
        ErrorFacts facts{.code = ErrorCode::refused};
        std::string blockers;
        for (const Finding& finding : m_plan.findings) {
            if (finding.severity == Severity::blocker) {
                blockers += (blockers.empty() ? "" : "; ") + finding.object + ": " + finding.message;
                facts.next_step = facts.next_step.empty() ? finding.next_step : facts.next_step;
            }
        }
        if (!blockers.empty()) {
            throw Error(facts, "Nothing was changed, because of what is in the way: " + blockers);
        }
        m_result.id = m_plan.id;
        m_result.state = MigrationState::loading;
        m_result.findings = m_plan.findings;
        m_result.rollback = m_plan.rollback_strategy;
    }

    /// The plan of a stream's table; nullptr where the options leave it out.
    const TablePlan* plan_of(const QualifiedName& name) const {
        for (const TablePlan& table : m_plan.tables) {
            if (m_plan.source.tables[table.source].name == name) {
                return &table;
            }
        }
        return nullptr;
    }

    void load() {
        enter(Phase::load);
        const auto writer = m_to.target.open_writer();
        while (const std::optional<StreamedTable> turn = m_rows.next_table()) {
            if (turn->table >= m_rows.schema().tables.size()) {
                throw Error(ErrorCode::usage,
                            fmt::format("The stream delivers table {}, but its schema has only {}.",
                                        turn->table, m_rows.schema().tables.size()));
            }
            if (const TablePlan* table = plan_of(m_rows.schema().tables[turn->table].name)) {
                load_table(*table, *turn, *writer);
            }
        }
        for (const TablePlan& table : m_plan.tables) {
            if (!m_loaded.contains(table.source)) {
                throw Error(ErrorCode::usage,
                            fmt::format("The stream ended without table {}, which its schema names.",
                                        m_plan.source.tables[table.source].name.display()));
            }
        }
    }

    void load_table(const TablePlan& table, const StreamedTable& turn, backend::Writer& writer) {
        const auto start = Clock::now();
        const std::string name = m_plan.source.tables[table.source].name.display();
        if (m_loaded.contains(table.source)) {
            throw Error(ErrorCode::usage, fmt::format("The stream delivers table {} twice.", name));
        }
        TableWriter rows(m_plan, table, turn, writer, m_owner);
        RowBatch batch = batch_for(m_rows.schema(), turn);
        while (m_rows.next(batch)) {
            check_stop();
            rows.write(batch);
            emit_progress(name, rows.rows(), rows.bytes());
        }
        check_stop();
        rows.finish();
        m_loaded.emplace(table.source, rows.digest());
        TableResult& result = m_result.tables.emplace_back();
        result.source = name;
        result.target = m_plan.target.tables[table.target].name.display();
        result.source_rows = rows.rows();
        result.committed = rows.rows();
        result.bytes = rows.bytes();
        result.load_time = since(start);
    }

    void build() {
        enter(Phase::build);
        for (const backend::BuildStep& step : m_to.target.build_steps()) {
            check_stop();
            append(m_result.findings, m_to.target.build(step).findings);
            emit_progress(step.description, 1, 0);
        }
    }

    /// Reads the staged tables back in sessions of their own.
    void verify() {
        m_result.state = MigrationState::verifying;
        enter(Phase::verify);
        const auto start = Clock::now();
        const auto staging = m_to.target.open_staging();
        staging->pin_snapshot(1);
        backend::SchemaRequest declared;
        declared.profile = false;
        declared.count_rows = false;
        declared.read_only_declared = true;
        append(m_result.findings,
               verify::missing_in(m_plan.target, staging->read_schema(declared).schema, m_result.findings));
        VerificationReport& report = m_result.verification;
        report.level = m_plan.options.level;
        for (const TablePlan& table : m_plan.tables) {
            report.tables.push_back(compare(*staging, table));
        }
        report.duration = since(start);
        if (!report.equal()) {
            ErrorFacts facts{.code = ErrorCode::differs};
            facts.next_step = "Try again; if it stays so, this is a defect of the library.";
            throw Error(
                facts,
                "What was read back from staging is not what the stream delivered; nothing was shown.");
        }
    }

    /// Reads the staged rows back, at level forensic by both routes.
    bool has_equal_values(backend::Source& staging, const TablePlan& table, TableComparison& comparison) {
        verify::DigestTask task;
        task.table = &m_plan.target.tables[table.target];
        for (const ColumnPlan& column : table.columns) {
            task.columns.push_back(column.target);
        }
        verify::ScanContext context{1, m_config.stop, [&](std::size_t, std::uint64_t rows) {
                                        emit_progress(comparison.source, rows, 0);
                                    }};
        context.algorithm = digest_algorithm_of(m_plan.options.level);
        comparison.target_digest = verify::digest_tables(staging, {task}, context).front().digest;
        if (!(comparison.source_digest == comparison.target_digest)) {
            return false;
        }
        if (m_plan.options.level < VerificationLevel::forensic || !m_to.can.text_route) {
            return true;
        }
        context.progress = {};
        context.route = ReadRoute::text;
        comparison.target_text_digest = verify::digest_tables(staging, {task}, context).front().digest;
        return *comparison.target_text_digest == comparison.target_digest;
    }

    TableComparison compare(backend::Source& staging, const TablePlan& table) {
        TableComparison comparison;
        const Table& target = m_plan.target.tables[table.target];
        comparison.source = m_plan.source.tables[table.source].name.display();
        comparison.target = target.name.display();
        comparison.source_digest = m_loaded.at(table.source);
        comparison.source_rows = comparison.source_digest.rows;
        comparison.target_rows = staging.count_rows(target);
        const bool values_equal =
            m_plan.options.level == VerificationLevel::basic || has_equal_values(staging, table, comparison);
        const bool rows_equal = comparison.source_rows == comparison.target_rows;
        comparison.equal = rows_equal && values_equal;
        comparison.note = rows_equal ? (values_equal ? "" : "values differ") : "row counts differ";
        return comparison;
    }

    void cut_over() {
        try {
            enter(Phase::cutover);
            append(m_result.findings, m_to.target.cutover({}));
        } catch (const CommitUnknownError&) {
            // It may have happened: dropping anything now could drop what is shown.
            throw;
        } catch (...) {
            drop_staging();
            throw;
        }
        m_result.state = MigrationState::done;
        m_phase = Phase::done;
        emit(EventKind::phase_started, {}, 0, 0);
    }

    void drop_staging() noexcept {
        try {
            m_to.target.abandon(m_plan.id);
        } catch (const std::exception&) {
            // The error that led here says more.
        }
    }

    RowStream& m_rows;
    const ImportTarget& m_to;
    const AdapterConfig& m_config;
    Clock::time_point m_start = Clock::now();
    Clock::time_point m_last_event;
    Phase m_phase = Phase::open;
    std::string m_owner = util::random_id();
    MigrationPlan m_plan;
    MigrationResult m_result;
    std::map<std::size_t, Digest> m_loaded;  ///< By index into the plan's source schema.
};

}  // namespace

MigrationResult import_stream(RowStream& rows, const ImportTarget& to, const PlanOptions& options,
                              const AdapterConfig& config) {
    return StreamImport(rows, to, config).run(options);
}

}  // namespace migrate::adapter
