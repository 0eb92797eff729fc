#include "migrator/reconcile.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "migrator/source_task.hpp"

namespace migrate {
namespace {

/// Beyond this many the rows of single chunks cost more to find than a table costs to load.
constexpr std::size_t k_most_ranges = 200;

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

/// A table of the target, of which something is staged.
struct StagedTable {
    std::size_t table = 0;  ///< Index into the target schema's tables.
    std::size_t way = 0;    ///< The one that leads into it; index into the plan's tables.
    std::vector<Checkpoint> finished;
    std::vector<Chunk> changed;
    bool is_stale = false;  ///< All of it.
};

class Reconciliation {
  public:
    explicit Reconciliation(const ReconcileRequest& request) : m_request(request), m_plan(request.plan) {}

    void look_at(const backend::Resumption& staged) {
        for (std::size_t i = 0; i < m_plan.target.tables.size(); ++i) {
            look_at_table(i, staged);
        }
    }

    /// The digests of what is staged are those of the source as it was then.
    void compare() {
        std::vector<verify::DigestTask> tasks;
        std::vector<verify::DigestPart> parts;
        std::vector<std::pair<StagedTable*, const Checkpoint*>> of_part;
        for (StagedTable& staged : m_tables) {
            if (staged.is_stale) {
                continue;
            }
            tasks.push_back(source_task(m_plan, m_plan.tables[staged.way]));
            for (const Checkpoint& one : staged.finished) {
                if (one.rejects + one.nulled > 0) {
                    // What was refused may be right by now, or be gone.
                    staged.changed.push_back(one.chunk);
                    continue;
                }
                parts.push_back({tasks.size() - 1, one.chunk});
                of_part.emplace_back(&staged, &one);
            }
        }
        const auto now = verify::digest_chunks(m_request.source, tasks, parts, m_request.scan);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto& [staged, then] = of_part[i];
            if (now[i].not_comparable > 0 || now[i].digest != then->digest ||
                now[i].filtered != then->filtered) {
                staged->changed.push_back(then->chunk);
            }
        }
    }

    std::vector<backend::StaleRows> stale() {
        std::vector<backend::StaleRows> rows;
        for (const StagedTable& staged : m_tables) {
            if (!staged.is_stale && staged.changed.empty()) {
                continue;
            }
            const auto column = staged.is_stale ? std::nullopt : key_of(staged);
            rows.push_back({staged.table, column, column ? staged.changed : std::vector<Chunk>()});
        }
        return rows;
    }

  private:
    void look_at_table(std::size_t index, const backend::Resumption& staged) {
        StagedTable table;
        table.table = index;
        const QualifiedName& name = m_plan.target.tables[index].name;
        std::copy_if(staged.checkpoints.begin(), staged.checkpoints.end(), std::back_inserter(table.finished),
                     [&](const Checkpoint& one) { return one.table == name; });
        const bool has_removed =
            std::any_of(staged.removed.begin(), staged.removed.end(),
                        [&](const backend::RemovedRows& removed) { return removed.table == index; });
        if (table.finished.empty() && !has_removed) {
            return;
        }
        std::vector<std::size_t> ways;
        for (std::size_t i = 0; i < m_plan.tables.size(); ++i) {
            if (m_plan.tables[i].target == index) {
                ways.push_back(i);
            }
        }
        table.way = ways.empty() ? 0 : ways.front();
        table.is_stale = has_removed || ways.size() != 1 || !fits(table);
        m_tables.push_back(std::move(table));
    }

    [[nodiscard]] bool fits(const StagedTable& table) const {
        std::vector<copy::ListedChunk> listed;
        std::copy_if(m_request.chunks.begin(), m_request.chunks.end(), std::back_inserter(listed),
                     [&](const copy::ListedChunk& one) { return one.table == table.way; });
        return !listed.empty() && copy::fit_finished(listed, table.finished).has_value();
    }

    /// The target's column in which the bounds of the table's chunks are, as they are in the source.
    [[nodiscard]] std::optional<std::size_t> key_of(const StagedTable& staged) const {
        const TablePlan& way = m_plan.tables[staged.way];
        const auto bound = m_request.source.bound_column(m_plan.source.tables[way.source]);
        if (!bound || staged.changed.size() * 2 > staged.finished.size() ||
            staged.changed.size() > k_most_ranges) {
            return std::nullopt;
        }
        const auto same = std::find_if(way.columns.begin(), way.columns.end(), [&](const ColumnPlan& column) {
            return column.expression.empty() && column.source == *bound &&
                   is_integer(m_plan.target.tables[staged.table].columns[column.target].type.kind);
        });
        return same == way.columns.end() ? std::nullopt : std::optional(same->target);
    }

    const ReconcileRequest& m_request;
    const MigrationPlan& m_plan;
    std::vector<StagedTable> m_tables;
};

Finding finding_of(const std::vector<Checkpoint>& before, const std::vector<Checkpoint>& after) {
    std::map<QualifiedName, std::size_t> gone;
    for (const Checkpoint& one : before) {
        ++gone[one.table];
    }
    for (const Checkpoint& one : after) {
        --gone[one.table];
    }
    std::string anew;
    for (const auto& [table, chunks] : gone) {
        if (chunks > 0) {
            anew += (anew.empty() ? "" : ", ") + table.display();
        }
    }
    return {anew.empty() ? Severity::note : Severity::risk,
            "source-moved-on",
            "the source",
            "has changed since the run before, or it cannot be told whether it has: " +
                std::to_string(after.size()) + " of " + std::to_string(before.size()) +
                " chunks that had been loaded are what it says now and stay" +
                (anew.empty() ? "." : "; the rest is loaded anew (" + anew + ")."),
            "",
            0};
}

}  // namespace

std::optional<Finding> reconcile(const ReconcileRequest& request, backend::Resumption& staged) {
    Reconciliation work(request);
    work.look_at(staged);
    work.compare();
    const backend::Resumption before = staged;
    if (!request.target.take_back(request.target_plan, work.stale(), staged)) {
        return std::nullopt;
    }
    return finding_of(before.checkpoints, staged.checkpoints);
}

}  // namespace migrate
