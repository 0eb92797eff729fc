#include "plan/read_probe.hpp"

#include <vector>

#include <migrate/error.hpp>

#include "plan/table_program.hpp"

namespace migrate::plan {
namespace {

using Clock = std::chrono::steady_clock;

/// The table that the load spends most of its time with; nullptr if none is large.
const TablePlan* largest(const MigrationPlan& plan) {
    const TablePlan* found = nullptr;
    double most = 0;
    for (const TablePlan& table : plan.tables) {
        const double work = row_work(table) * static_cast<double>(table.rows);
        if (table.rows >= k_probe_rows && work > most) {
            found = &table;
            most = work;
        }
    }
    return found;
}

std::optional<ReadSpeed> read_some(backend::Source& source, const MigrationPlan& plan, const TablePlan& table,
                                   const std::function<Clock::time_point()>& now) {
    const Table& from = plan.source.tables[table.source];
    ScanSpec spec;
    spec.table = &from;
    const mapping::RowProgram program = program_of(from, plan.target.tables[table.target], table);
    spec.columns = program.columns();
    const Clock::time_point opened = now();
    const auto reader = source.open_reader(spec);
    std::vector<TypeKind> kinds;
    for (const LogicalType& type : program.read_types()) {
        kinds.push_back(type.kind);
    }
    RowBatch batch;
    batch.reset(kinds);
    // To connect, and to find the beginning, is no part of the speed.
    if (!reader->next(batch)) {
        return std::nullopt;
    }
    const Clock::time_point start = now();
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    Clock::time_point end = start;
    while (end - opened < k_probe_time && reader->next(batch)) {
        rows += batch.rows_read();
        bytes += batch.byte_size();
        end = now();
    }
    const double seconds = std::chrono::duration<double>(end - start).count();
    if (rows == 0 || seconds <= 0) {
        return std::nullopt;
    }
    const double rate = static_cast<double>(rows) / seconds;
    return ReadSpeed{rate, static_cast<double>(bytes) / seconds, rate * row_work(table)};
}

}  // namespace

std::optional<ReadSpeed> probe_read_speed(backend::Source& source, const MigrationPlan& plan,
                                          const std::function<Clock::time_point()>& now) {
    const TablePlan* table = largest(plan);
    if (table == nullptr || plan.from.borrowed != nullptr) {
        return std::nullopt;
    }
    try {
        return read_some(source, plan, *table, now);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            throw;
        }
        return std::nullopt;
    }
}

}  // namespace migrate::plan
