#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <migrate/endpoint.hpp>
#include <migrate/event.hpp>
#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/rollback.hpp>
#include <migrate/schema.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// One side as it was when the plan was made.
struct EndpointSummary {
    std::string engine;
    std::string engine_version;
    std::string display;
    std::string snapshot_kind;
    std::uint64_t byte_size = 0;  ///< Bytes on disk; 0 = unknown.
    std::map<std::string, std::string> facts;
};

/// One column's way across.
struct ColumnPlan {
    std::size_t source = 0;  ///< Index into the source table's columns; k_computed where it is made.
    std::size_t target = 0;  ///< Index into the target table's columns.
    LogicalType compare;     ///< What both sides' values are compared as.
    std::string note;        ///< Why, where the mapping is not the obvious one; else empty.
    std::string expression;  ///< What the value is made by, in the mapping file's language; empty = the
                             ///< source column as it is.

    static constexpr std::size_t k_computed = static_cast<std::size_t>(-1);
};

/// One table's way across. A source table that is split has several; so has a target table that several are
/// merged into.
struct TablePlan {
    std::size_t source = 0;           ///< Index into the plan's source schema.
    std::size_t target = 0;           ///< Index into the plan's target schema.
    std::vector<ColumnPlan> columns;  ///< The copied ones, in the target's order.
    std::string where;                ///< Which rows travel, in the mapping file's language; empty = all.
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::size_t chunks = 1;
};

/// What one stretch of a run will take.
struct PhaseEstimate {
    Phase phase = Phase::load;
    std::chrono::milliseconds duration{0};
};

/// What a run will take, from assumed or measured rates; `basis` says which.
struct Estimates {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::uint64_t target_bytes = 0;           ///< Disk at the target, staging and indexes included.
    std::chrono::milliseconds duration{0};    ///< Of the run, from opening both sides to the cutover.
    std::string basis;                        ///< What of it was measured, and what was assumed; for people.
    std::vector<PhaseEstimate> phases;        ///< What `duration` is made of.
    std::uint64_t read_rows_per_second = 0;   ///< Of this source, by one reader, as measured; 0 = it was not.
    std::uint64_t read_bytes_per_second = 0;  ///< The same in bytes of row data in memory.
};

/// Everything decided before the first write. A plain value: can be looked at, saved, read and run later.
struct MigrationPlan {
    std::string id;          ///< Of the migration that runs it: 12 lower-case hex digits.
    std::string created_at;  ///< ISO 8601, UTC.
    std::string tool_version;
    Endpoint from;
    Endpoint to;
    EndpointSummary from_summary;
    EndpointSummary to_summary;
    PlanOptions options;
    Schema source;
    Schema target;
    std::vector<TablePlan> tables;   ///< In the order they are loaded.
    std::vector<Finding> findings;   ///< What is left out, changed, risky or in the way.
    std::vector<std::string> steps;  ///< What will be done, one line each.
    std::vector<std::string> sql;    ///< What will be run at the target.
    Estimates estimates;
    RollbackStrategy strategy = RollbackStrategy::swap;  ///< By which it would be undone.
    std::string strategy_reason;                         ///< Why that one, for people.
    std::string rollback_strategy;                       ///< How the migration can be undone, in one line.
    std::string source_provenance;  ///< What an earlier migration recorded in the source, as it stands there.
    std::string source_fingerprint;  ///< Identifies the source's state; empty = cannot be told.
    bool provisional = false;        ///< Rests on first rows: see PlanOptions::profile_ahead.
    bool cut_over = true;            ///< Of a run: as its MigrationOptions were, for whoever resumes it.
    std::string audit_head;          ///< As a target keeps it of its run: see AuditHead::text().
    std::optional<bool> verified;    ///< Of a run, as its target keeps it: all was staged and is equal.

    /// True when no finding is a blocker.
    [[nodiscard]] MIGRATE_EXPORT bool executable() const noexcept;
    /// 0, 3 (blockers) or 5 (something is left out that nobody excluded).
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

/// The plan for people: both sides, tables with rows and sizes, mappings that are not obvious, what is not
/// carried over, risks, estimates, how to undo it.
MIGRATE_EXPORT std::string render_text(const MigrationPlan& plan);
/// The plan as one JSON document: what is saved, and what parse_plan reads.
MIGRATE_EXPORT std::string render_json(const MigrationPlan& plan);
/// The statements that will be run, in order, separated by ";\n".
MIGRATE_EXPORT std::string render_sql(const MigrationPlan& plan);
/// Throws: Error{malformed} for text that is no plan, or of another version.
MIGRATE_EXPORT MigrationPlan parse_plan(const std::string& json);

MIGRATE_NAMESPACE_END
