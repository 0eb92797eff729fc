// How a migration into JSON is undone: what it replaced lies in its staging directory until finalize.

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/json/json_target.hpp"
#include "backends/json/manifest_source.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "model/canonical.hpp"

namespace migrate::backends::json {

namespace {

[[noreturn]] void refuse(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.backend = "json";
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

/// Of the rows that are in the files now.
Digest digest_of(ManifestSource& source, const Table& table) {
    Digest digest;
    for (const Chunk& chunk : source.chunks(table, {})) {
        ScanSpec spec;
        spec.table = &table;
        spec.chunk = chunk;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!table.columns[i].generated && !table.columns[i].hidden) {
                spec.columns.push_back(i);
            }
        }
        const auto reader = source.open_reader(spec);
        RowBatch batch;
        while (reader->next(batch)) {
            model::digest_rows(batch, digest);
        }
    }
    return digest;
}

bool lists(const Manifest& manifest, const std::string& migration) {
    return std::any_of(manifest.migrations.begin(), manifest.migrations.end(),
                       [&](const auto& one) { return one.id == migration; });
}

RolledBackTable entry_of(ManifestSource& source, const ManifestTable& table, const Manifest* former) {
    RolledBackTable entry;
    entry.table = table.table.name.display();
    entry.rows_after = table.rows;
    const Digest now = digest_of(source, table.table);
    entry.rows_now = now.rows;
    entry.changed_since = to_string(now) != table.digest;
    if (const ManifestTable* before = former != nullptr ? former->find(table.table.name) : nullptr) {
        entry.placement = Placement::replace;
        entry.rows_before = before->rows;
        entry.digest_before = before->digest;
    }
    return entry;
}

}  // namespace

Schema JsonTarget::existing_schema(const std::vector<QualifiedName>& names) {
    Schema schema;
    schema.engine = "json";
    const auto manifest = existing();
    for (const QualifiedName& name : names) {
        const ManifestTable* table = manifest ? manifest->find(name) : nullptr;
        if (table != nullptr) {
            schema.tables.push_back(table->table);
            schema.tables.back().row_estimate = table->rows;
            schema.tables.back().row_count_exact = true;
            schema.tables.back().properties[backend::k_cannot_load] =
                "a table of JSON lines is written whole, and rows are not loaded into it; --on-existing "
                "replace puts a new one in its place";
        }
    }
    return schema;
}

RollbackResult JsonTarget::rollback(const backend::RollbackRequest& request) {
    RollbackResult result;
    result.id = request.migration;
    const Staging stage = staging_of(request.migration);
    std::string kept = stage.result_path();
    if (!io::name_taken(kept) && io::name_taken(kept + ".old")) {
        kept += ".old";
    }
    const bool has_kept = io::name_taken(kept);
    const auto now = existing();
    const std::optional<Manifest> former = has_kept && detect_layout(kept) == m_layout
                                               ? std::optional(read_manifest(kept, m_layout))
                                               : std::nullopt;
    if (!now || !lists(*now, request.migration)) {
        const bool undone = has_kept && former && lists(*former, request.migration);
        if (!undone) {
            refuse(ErrorCode::not_found, "the target does not know migration " + request.migration,
                   "Look at history for the migrations there were.");
        }
        result.was_rolled_back = true;
        return result;
    }
    if (now->migrations.front().id != request.migration) {
        refuse(ErrorCode::refused,
               "migration " + now->migrations.front().id + " came after " + request.migration +
                   ", and wrote the whole target anew",
               "Roll that one back first.");
    }
    if (now->migrations.size() > 1 && !has_kept) {
        refuse(ErrorCode::not_found, "what migration " + request.migration + " replaced is no longer there",
               "It is final.");
    }
    {
        ManifestSource source(m_path, m_layout);
        source.pin_snapshot(1);
        for (const ManifestTable& table : now->tables) {
            result.tables.push_back(entry_of(source, table, former ? &*former : nullptr));
        }
    }
    for (const RolledBackTable& table : result.tables) {
        if (table.changed_since) {
            const bool discard = request.options.discard_later_changes;
            result.findings.push_back(
                {discard ? Severity::risk : Severity::blocker, "changed-since", "table " + table.table,
                 "its rows were changed since the migration: it left " + std::to_string(table.rows_after) +
                     " rows, there are " + std::to_string(table.rows_now) + " now",
                 discard ? "" : "To undo the migration all the same, use --discard-later-changes.",
                 table.rows_now});
        }
    }
    result.steps.push_back(has_kept ? "put what was at " + m_path + " before back, in one exchange"
                                    : "take " + m_path + " away, which the migration made");
    result.steps.emplace_back("keep what is taken away until finalize");
    if (!request.options.execute) {
        return result;
    }
    for (const Finding& finding : result.findings) {
        if (finding.severity == Severity::blocker) {
            refuse(ErrorCode::refused, finding.object + ": " + finding.message, finding.next_step);
        }
    }
    result.executed = true;
    if (!has_kept) {
        if (!io::name_taken(stage.path())) {
            io::make_directory(stage.path());
        }
        io::rename_new(m_path, stage.result_path());
    } else if (!io::exchange(kept, m_path)) {
        io::rename_new(m_path, kept + ".undone");
        io::rename_new(kept, m_path);
        io::rename_new(kept + ".undone", kept);
    }
    io::sync_directory(io::parent_of(m_path));
    io::sync_directory(stage.path());
    for (RolledBackTable& table : result.tables) {
        table.proven = !has_kept || table.placement == Placement::create;
    }
    if (former) {
        ManifestSource source(m_path, m_layout);
        source.pin_snapshot(1);
        for (RolledBackTable& table : result.tables) {
            for (const ManifestTable& before : former->tables) {
                if (before.table.name.display() == table.table) {
                    table.digest_restored = to_string(digest_of(source, before.table));
                    table.proven = table.digest_restored == table.digest_before;
                }
            }
        }
    }
    return result;
}

}  // namespace migrate::backends::json
