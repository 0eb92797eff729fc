#include "backends/json/retry_tables.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

/// The columns that rows have are those that the migration has written.
bool has_same_rows(const Table& planned, const Table& shown) {
    std::vector<const Column*> columns;
    for (const Column& column : planned.columns) {
        if (!column.hidden && !column.generated) {
            columns.push_back(&column);
        }
    }
    return std::equal(
        columns.begin(), columns.end(), shown.columns.begin(), shown.columns.end(),
        [](const Column* a, const Column& b) { return a->name == b.name && a->type == b.type; });
}

}  // namespace

RetryTables::RetryTables(std::string path, Layout layout, const Manifest& manifest,
                         const FileContents& contents, const backend::TargetPlan& plan, std::string directory,
                         EncodeOptions options)
    : m_path(std::move(path)),
      m_layout(layout),
      m_manifest(manifest),
      m_contents(contents),
      m_plan(plan),
      m_directory(std::move(directory)),
      m_options(options),
      m_shown(manifest.tables.size()) {}

RetryTables::Shown* RetryTables::shown(const QualifiedName& name) {
    const ManifestTable* const found = m_manifest.find(name);
    if (found == nullptr) {
        return nullptr;
    }
    Shown& one = m_shown[static_cast<std::size_t>(found - m_manifest.tables.data())];
    if (!one.table) {
        one.table = std::make_unique<GrowingTable>(found->table, range_of(*found), m_directory, m_options);
    }
    return &one;
}

RowRange RetryTables::range_of(const ManifestTable& table) const {
    RowRange range;
    if (m_layout != Layout::file) {
        range.path = io::join(m_path, table.file);
        return range;
    }
    for (const TableSection& section : m_contents.tables) {
        if (section.member == table.file) {
            return {m_path, section.begin, section.end, section.line, {}, true};
        }
    }
    ErrorFacts facts;
    facts.code = ErrorCode::malformed;
    facts.backend = "json";
    facts.next_step = "Bring it back from a copy.";
    throw Error(std::move(facts),
                "the manifest names table " + table.table.name.display() + ", which is not in " + m_path);
}

/// Before anything is looked at: which of its keys each table has to know.
void RetryTables::add(std::size_t table) {
    Growth& growth = m_growth[table];
    const Table& planned = m_plan.schema.tables.at(table);
    growth.shown = shown(planned.name);
    if (growth.shown == nullptr) {
        growth.refused = "its table is not there any more";
        return;
    }
    GrowingTable& grown = *growth.shown->table;
    if (!has_same_rows(planned, grown.table())) {
        growth.refused = "its table has other columns by now";
        return;
    }
    growth.rules.emplace(grown);
    for (const ForeignKey& key : grown.table().foreign_keys) {
        // One that the manifest does not claim may have been held up all the same.
        const bool is_kept = key.validated || m_plan.on_orphan == OrphanHandling::dead_letter;
        if (Shown* const others = is_kept ? shown(key.referenced_table) : nullptr) {
            growth.rules->add(key, *others->table);
            growth.others.push_back(others);
        }
    }
}

RetryTables::Entry RetryTables::enter(std::size_t table) {
    Growth& growth = m_growth.at(table);
    if (growth.refused.empty()) {
        look(*growth.shown);
        growth.refused = growth.shown->damage;
        for (Shown* others : growth.others) {
            look(*others);
            growth.refused = growth.refused.empty() ? others->damage : growth.refused;
        }
    }
    if (!growth.refused.empty()) {
        ErrorFacts facts;
        facts.code = ErrorCode::row;
        facts.backend = "json";
        facts.table = m_plan.schema.tables[table].name.display();
        throw Error(std::move(facts), growth.refused);
    }
    return {*growth.shown->table, *growth.rules};
}

/// What is there must be known, so that the rows can be told from what others have changed.
void RetryTables::look(Shown& one) {
    if (std::exchange(one.was_looked_at, true)) {
        return;
    }
    const ManifestTable& known = *m_manifest.find(one.table->table().name);
    const bool is_sha256 = known.digest.starts_with("sha256:");
    try {
        one.table->look(is_sha256 ? DigestAlgorithm::sha256 : DigestAlgorithm::xxh3);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::malformed) {
            throw;
        }
        one.damage = "rows of table " + known.table.name.display() +
                     " are not what its manifest says, and have to be mended first";
        return;
    }
    one.is_own = to_string(one.table->digest()) == known.digest;
}

std::map<std::string, GrowingTable*> RetryTables::grown() const {
    std::map<std::string, GrowingTable*> grown;
    for (std::size_t i = 0; i < m_shown.size(); ++i) {
        if (m_shown[i].table && m_shown[i].table->has_changed()) {
            grown[m_manifest.tables[i].file] = m_shown[i].table.get();
        }
    }
    return grown;
}

void RetryTables::account(Manifest& manifest) const {
    for (std::size_t i = 0; i < m_shown.size(); ++i) {
        if (m_shown[i].is_own && m_shown[i].table->has_changed()) {
            manifest.tables[i].rows = m_shown[i].table->digest().rows;
            manifest.tables[i].digest = to_string(m_shown[i].table->digest());
        }
    }
}

}  // namespace migrate::backends::json
