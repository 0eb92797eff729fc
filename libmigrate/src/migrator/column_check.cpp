#include "migrator/column_check.hpp"

#include <utility>

#include <migrate/digest.hpp>

#include "model/canonical.hpp"
#include "plan/table_program.hpp"
#include "verify/digest_scan.hpp"

namespace migrate {
namespace {

/// The digest of each column's values alone.
class ColumnDigests {
  public:
    explicit ColumnDigests(std::size_t columns) : m_digests(columns) {}

    void take(const RowBatch& batch) {
        for (std::size_t c = 0; c < m_digests.size(); ++c) {
            RowBatch alone;
            alone.columns.push_back(batch.columns[c]);
            model::digest_rows(alone, m_digests[c]);
        }
        m_rows += batch.row_count();
    }
    [[nodiscard]] const Digest& of(std::size_t column) const { return m_digests[column]; }
    [[nodiscard]] std::uint64_t rows() const noexcept { return m_rows; }

  private:
    std::vector<Digest> m_digests;
    std::uint64_t m_rows = 0;
};

}  // namespace

std::vector<std::string> differing_columns(backend::Source& source, backend::Source& staging,
                                           const MigrationPlan& plan, std::span<const std::size_t> ways,
                                           const verify::ScanContext& context) {
    const TablePlan& first = plan.tables[ways.front()];
    const Table& target = plan.target.tables[first.target];
    ColumnDigests loaded(first.columns.size());
    for (const std::size_t way : ways) {
        const TablePlan& table = plan.tables[way];
        verify::DigestTask task;
        task.table = &plan.source.tables[table.source];
        task.program = plan::program_of(*task.table, target, table);
        task.columns = task.program.columns();
        task.transform = plan::transform_of(plan, table, task.program);
        verify::scan_table(source, task, context, [&](const RowBatch& batch) { loaded.take(batch); });
    }
    ColumnDigests staged(first.columns.size());
    verify::DigestTask task;
    task.table = &target;
    for (const ColumnPlan& column : first.columns) {
        task.columns.push_back(column.target);
    }
    verify::scan_table(staging, task, context, [&](const RowBatch& batch) { staged.take(batch); });
    std::vector<std::string> names;
    for (std::size_t c = 0; loaded.rows() == staged.rows() && c < first.columns.size(); ++c) {
        if (!(loaded.of(c) == staged.of(c))) {
            const Column& column = target.columns[first.columns[c].target];
            names.push_back(column.name + " (" +
                            (column.native_type.empty() ? to_string(column.type) : column.native_type) + ")");
        }
    }
    return names;
}

}  // namespace migrate
