#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/migrator.hpp>

#include "copy/loader.hpp"
#include "migrator/context.hpp"
#include "plan/estimate.hpp"
#include "plan/planner.hpp"
#include "verify/digest_scan.hpp"

namespace migrate {

/// What a run needs of the index of migrations. All may throw; none may be empty.
struct MigrationIndex {
    std::function<bool(const std::string& id)> knows;
    /// It was begun and has not ended.
    std::function<bool(const std::string& id)> is_unfinished;
    /// What happened: state changes and phases, one line each.
    std::function<void(const MigrationPlan& plan, MigrationState state, Phase phase, const std::string& line)>
        write;
    /// Runs of the plan's engines, newest first; none where they cannot be read.
    std::function<std::vector<plan::PastRun>(const MigrationPlan& plan)> past;
};

/// The index can be made again from targets, so that a migration does not fail by it.
Finding index_not_written(const Error& error);

/// What was foreseen is said anew when the keys are built, with what became of it.
void forget_foreseen(std::vector<Finding>& findings);

/// One run of one plan, from opening both sides to the cutover. Everything up to the first write throws; from
/// then on a failure is a result, with the target as it was before.
class Execution {
  public:
    Execution(const MigratorContext& context, const MigrationPlan& plan, const MigrationOptions& options,
              MigrationIndex index);

    /// From the start.
    MigrationResult run();
    /// Takes the plan's migration up where an earlier run has left it; go_on() does the rest. False where
    /// what is staged cannot be used: `why_not` says why, and it has to be abandoned. Throws: Error where
    /// something is in the way; what is staged stays.
    bool resume(std::string& why_not);
    MigrationResult go_on();
    /// The run has ended because values that came later decide otherwise than the first rows did on which its
    /// plan rests (MigrationPlan::provisional): all is to be read before it is loaded again. Empty if not.
    [[nodiscard]] const std::string& surprise() const noexcept { return m_surprise; }
    /// What was backed up already by the run that this one is in the place of; may be empty.
    void use_backups(const std::string& of_source, const std::string& of_target) {
        m_result.source_backup = of_source;
        m_result.target_backup = of_target;
    }
    /// As it was run: made anew where the source had changed.
    [[nodiscard]] const MigrationPlan& plan() const noexcept { return m_plan; }

  private:
    /// One target table and the ways into it.
    struct StagedTable {
        std::vector<std::size_t> ways;  ///< Indexes into the plan's tables.
        std::string source;             ///< For people.
        std::uint64_t rows = 0;
    };

    void open_sides();
    void take_an_id();
    void name_run();
    /// Keeps the plan where the source is unchanged; else plans again and refuses where the mapping is
    /// another.
    void settle_plan();
    /// False where they decide otherwise than when the plan was made.
    bool take_up_first_rows();
    /// What rests on first rows is decided again, now that all rows were read. Throws: Error{row} where they
    /// were wrong.
    void confirm_plan();
    [[nodiscard]] plan::Sides sides();
    void read_recorded_plan();
    bool follow_source();
    bool reconcile_staging();
    void begin_preflight();
    /// Throws: Error{refused} for what is in the way at the target.
    void look_at_target(std::uint64_t bytes);
    void back_up_source();
    void back_up_target();
    /// Returns its path.
    std::string back_up(backend::Source& source, const Endpoint& endpoint, const std::string& kind);
    void stage();
    MigrationResult finish(bool begin);
    void load();
    void name_tables();
    void take_up_rejects();
    void credit_finished();
    void build();
    void take_out(const backend::RemovedRows& removed);
    void name_dead_letters();
    [[nodiscard]] std::uint64_t bytes_of(std::size_t target_table) const;
    void verify();
    /// All that follows the load. Throws: Error{differs} also where something cannot be read any more.
    void prove_and_show();
    /// The digests of all staged tables, in the order of staged_tables(). `wait` (may be empty) comes before
    /// a target table is read: false where it will not be.
    std::vector<verify::TableDigest> read_back(backend::Source& staging, unsigned readers,
                                               const std::stop_token& stop,
                                               const std::function<bool(std::size_t)>& wait,
                                               ReadRoute route = ReadRoute::native);
    /// Rows of every source table that is read, by the source's own count.
    [[nodiscard]] std::vector<std::uint64_t> count_source();
    /// What can be found out of the staged rows while keys are built.
    struct ReadBack {
        std::vector<verify::TableDigest> digests;  ///< In the order of staged_tables().
        std::vector<std::uint64_t> rows;           ///< Likewise: by the target's own count.
        std::vector<std::uint64_t> source_rows;    ///< As count_source() gives them.
    };
    ReadBack read_meanwhile(const std::stop_token& stop, const std::function<bool(std::size_t)>& wait);
    [[nodiscard]] const Table& staged_table(const StagedTable& staged) const;
    [[nodiscard]] std::vector<StagedTable> staged_tables() const;
    void compare_staged(const StagedTable& staged, const Digest& digest, std::uint64_t target_rows,
                        const std::vector<std::uint64_t>& source_rows);
    [[nodiscard]] bool reads_back() const;
    /// What level rigorous does beyond standard; `found` is the staged schema, `readers` those it can have.
    void require_sound(backend::Source& staging, const Schema& found) const;
    void verify_rigorously(backend::Source& staging, const Schema& found, unsigned readers);
    void read_source_again(ReadRoute route);
    static void note_difference(TableComparison& table, const std::string& note);
    /// Of the target table that a way leads into.
    [[nodiscard]] TableComparison& comparison_of_way(std::size_t way);
    /// What level forensic does beyond rigorous: both sides' values once more, by the second route.
    void read_in_text(backend::Source& staging, unsigned readers);
    [[nodiscard]] bool has_second_route() const;
    /// What the report says of the run beside its outcome.
    void begin_record();
    void end_record();
    /// The rows in which a table differs, and why.
    void list_differing_rows(backend::Source& staging);
    void time_both_sides(backend::Source& staging);
    void name_columns(backend::Source& staging, const StagedTable& staged);
    [[noreturn]] void fail_verification();
    [[nodiscard]] MigrationPlan verified_plan() const;
    void mark_ready();
    void cut_over();
    void note_in_index(Phase phase, const std::string& line);
    void count_merged();
    void fail(const Error& error);
    [[nodiscard]] bool can_go_on_after(const Error& error) const;
    void drop_staging();
    void enter(Phase phase, std::uint64_t total = 0);
    /// Writes into the index that the phase has ended which was entered last, if it has not been written.
    void leave();

    const MigratorContext& m_context;
    MigrationPlan m_plan;
    MigrationOptions m_options;
    MigrationIndex m_index;
    std::chrono::steady_clock::time_point m_start;
    std::unique_ptr<backend::Source> m_source;
    std::unique_ptr<backend::Target> m_target;
    backend::TargetPlan m_target_plan;
    Workers m_workers;
    unsigned m_readers = 1;          ///< Of those wanted, what the source can have.
    bool m_resumed = false;          ///< What is staged was begun by another run.
    std::string m_other_source;      ///< Of the runs before, where it is another place now; empty if not.
    bool m_staged = false;           ///< The target has recorded the migration.
    std::optional<Phase> m_entered;  ///< And not left yet.
    backend::Resumption m_resumption;
    std::vector<copy::ListedChunk> m_chunks;
    std::vector<copy::LoadedTable> m_loaded;
    std::vector<Finding> m_first_findings;  ///< Of first rows; confirm_plan() replaces them.
    std::string m_surprise;
    std::optional<ReadBack> m_read_back;  ///< Where that was done during the build.
    MigrationResult m_result;
};

}  // namespace migrate
