// Keys and references of a JSON target: nothing enforces them later, but what its manifest claims holds when
// it is written.

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/json/claimed_key.hpp"
#include "backends/json/json_target.hpp"
#include "backends/json/manifest_source.hpp"
#include "backends/json/row_reader.hpp"
#include "util/human.hpp"

namespace migrate::backends::json {

namespace {

using Kind = backend::BuildStep::Kind;

[[noreturn]] void refuse(const Table& table, const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = ErrorCode::constraint;
    facts.backend = "json";
    facts.table = table.name.display();
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

}  // namespace

std::vector<backend::BuildStep> JsonTarget::build_steps() {
    std::vector<backend::BuildStep> steps;
    if (is_documents(m_layout)) {
        return steps;  // which claim nothing
    }
    const std::vector<Table>& tables = m_plan.schema.tables;
    for (std::size_t t = 0; t < tables.size(); ++t) {
        for (const ClaimedKey& key : claimed_keys(tables[t])) {
            steps.push_back({key.kind, t, key.item, key.name + " of " + tables[t].name.display()});
        }
    }
    for (std::size_t t = 0; t < tables.size(); ++t) {
        if (!tables[t].foreign_keys.empty()) {
            steps.push_back({Kind::foreign_key, t, 0, "foreign keys of " + tables[t].name.display()});
        }
    }
    return steps;
}

backend::BuildResult JsonTarget::build(const backend::BuildStep& step) {
    if (step.kind == Kind::foreign_key) {
        return check_references(step.table);
    }
    const std::vector<ClaimedKey> keys = claimed_keys(m_plan.schema.tables.at(step.table));
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const ClaimedKey& one) {
        return one.kind == step.kind && one.item == step.item;
    });
    if (key == keys.end()) {
        throw Error(ErrorCode::internal, "a JSON target has no such key: " + step.description);
    }
    WrittenKeys* const written = staging().written_keys();
    if (written != nullptr && written->hold(step.table, *key, staging().table(step.table).rows())) {
        return {};
    }
    const TableRows rows = staged_rows(step.table);
    RowRemoval removal(staging(), m_plan);
    auto broken = find_broken(rows, *key, staging().path());
    if (broken && broken->unset.count + broken->repeated.count > 0) {
        if (m_plan.on_reject == RejectHandling::stop) {
            const bool repeats = broken->repeated.count > 0;
            refuse(rows.table,
                   key->name + " of table " + rows.table.name.display() + " does not hold: " +
                       (repeats ? util::human_rows(broken->repeated.count, "repeats", "repeat") +
                                      " the key of another"
                                : util::human_rows(broken->unset.count, "has", "have") + " no value in it"),
                   "Mend the rows at the source, or leave them out with --on-reject dead-letter.");
        }
        const bool had_unset = broken->unset.count > 0;
        removal.remove(step.table, std::move(broken->unset), key->name + ": the row has no value in it");
        if (had_unset) {
            // The rows that are left have other numbers now.
            broken = find_broken(staged_rows(step.table), *key, staging().path());
        }
        removal.remove(step.table, std::move(broken->repeated),
                       key->name + ": the row repeats the key of another");
    }
    return {{}, removal.take()};
}

TableRows JsonTarget::staged_rows(std::size_t table) {
    const StagedTable& staged = staging().table(table);
    RowRange range;
    range.path = staged.path();
    range.last = staged.size();
    return {m_plan.schema.tables.at(table), [this, range](const ScanSpec& spec) {
                return std::make_unique<RowReader>(spec, range, m_staged_stamps);
            }};
}

// Among the tables that are staged, or those that stay at the target.
std::optional<TableRows> JsonTarget::rows_referred_to(const ForeignKey& key) {
    const std::vector<Table>& tables = m_plan.schema.tables;
    for (std::size_t t = 0; t < tables.size(); ++t) {
        if (tables[t].name == key.referenced_table) {
            return staged_rows(t);
        }
    }
    const auto manifest = existing();
    const ManifestTable* table = manifest ? manifest->find(key.referenced_table) : nullptr;
    if (table == nullptr) {
        return std::nullopt;
    }
    const auto source = std::make_shared<ManifestSource>(m_path, m_layout);
    source->pin_snapshot(1);
    return TableRows{table->table, [source](const ScanSpec& spec) { return source->open_reader(spec); }};
}

Violators JsonTarget::orphans_of(std::size_t table, const ForeignKey& key) {
    const auto others = rows_referred_to(key);
    if (!others) {
        Violators none{0, SortedSpill(staging().path())};
        none.ordinals.finish();
        return none;
    }
    return find_orphans(staged_rows(table), key, *others, staging().path());
}

// Rows that are taken out may be what others referred to.
void JsonTarget::remove_orphans(RowRemoval& removal) {
    for (bool again = true; again;) {
        again = false;
        for (std::size_t t = 0; t < m_plan.schema.tables.size(); ++t) {
            for (const ForeignKey& key : m_plan.schema.tables[t].foreign_keys) {
                Violators orphans = orphans_of(t, key);
                again = again || orphans.count > 0;
                removal.remove(t, std::move(orphans),
                               "foreign key: the row points to a row that is not there");
            }
        }
    }
}

backend::BuildResult JsonTarget::check_references(std::size_t index) {
    Table& table = m_plan.schema.tables.at(index);
    backend::BuildResult result;
    if (m_plan.on_orphan == OrphanHandling::dead_letter) {
        RowRemoval removal(staging(), m_plan);
        remove_orphans(removal);
        result.removed = removal.take();
        return result;
    }
    for (ForeignKey& key : table.foreign_keys) {
        if (!key.validated && m_plan.on_orphan == OrphanHandling::not_valid) {
            continue;  // it was not promised at the source either
        }
        const std::uint64_t orphans = orphans_of(index, key).count;
        if (orphans == 0) {
            continue;
        }
        const std::string message = orphans_text(orphans, key);
        if (m_plan.on_orphan == OrphanHandling::stop) {
            refuse(table, "table " + table.name.display() + ": " + message,
                   "Mend the rows at the source, or use --on-orphan dead-letter or not-valid.");
        }
        key.validated = false;
        result.findings.push_back({Severity::left_out, "foreign-key-orphans", "table " + table.name.display(),
                                   message, "Delete the rows or add what they point to.", orphans});
    }
    if (!result.findings.empty()) {
        staging().keep_foreign_keys(index, table.foreign_keys);
    }
    return result;
}

}  // namespace migrate::backends::json
