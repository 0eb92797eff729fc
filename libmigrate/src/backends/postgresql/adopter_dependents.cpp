#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/object_kind.hpp"
#include "model/left_behind.hpp"
#include "model/sql_mentions.hpp"

namespace migrate::backends::postgresql {
namespace {

std::string dashed(std::string kind) {
    std::replace(kind.begin(), kind.end(), ' ', '-');
    return kind;
}

bool is_routine(const std::string& kind) {
    return kind == "function" || kind == "procedure";
}

/// What is found by a name that nothing else has to be asked for.
bool is_named_apart(const SchemaObject& object) {
    return !is_detail(object) && object.table.empty() && object.kind != "schema" &&
           object.kind != "extension" && !object.name.schema.empty();
}

/// Columns have other names than the record knows.
bool has_renamed(const Table& table, const TableOrigin& origin) {
    for (std::size_t i = 0; i < table.columns.size() && i < origin.columns.size(); ++i) {
        const auto there = static_cast<std::size_t>(origin.columns[i]);
        if (origin.columns[i] >= 0 && origin.table->columns.at(there).name != table.columns[i].name) {
            return true;
        }
    }
    return false;
}

}  // namespace

void Adopter::find_renamed() {
    for (const QualifiedName& name : model::names_of(m_source, model::k_former_names)) {
        m_gone.renamed.insert(placed(name));
    }
    for (const Table& table : m_source.tables) {
        const TableOrigin* origin = same_engine() ? nullptr : table.origin_on("postgresql");
        if (origin != nullptr && (origin->table->name != placed(table.name) || has_renamed(table, *origin))) {
            m_gone.renamed.insert(origin->table->name);
        }
    }
}

void Adopter::find_gone() {
    const Schema* record = same_engine() ? &m_source : m_source.origin_on("postgresql");
    if (record == nullptr) {
        return;
    }
    const auto missing = [&](const QualifiedName& name) {
        return !m_facts.objects.contains(name.display()) && !m_gone.renamed.contains(name) &&
               m_adoption.schema.find_table(name) == nullptr;
    };
    std::set<std::string> excluded;
    for (const QualifiedName& name : model::names_of(m_source, model::k_excluded_names)) {
        excluded.insert(name.name);
    }
    for (const QualifiedName& name : model::names_of(*record, model::k_excluded_names)) {
        if (missing(name)) {
            m_gone.excluded.insert(name);
        }
    }
    for (const Table& table : record->tables) {
        if (missing(table.name)) {
            const bool asked = excluded.contains(table.name.name) ||
                               excluded.contains(table.name.schema + "_" + table.name.name);
            (asked ? m_gone.excluded : m_gone.left_out).insert(table.name);
        }
    }
    for (const SchemaObject& object : record->objects) {
        if (is_named_apart(object) && missing(object.name) && !has_object(object.kind, object.name)) {
            (is_skipped(object.kind) ? m_gone.excluded : m_gone.left_out).insert(object.name);
        }
    }
}

std::optional<Adopter::Dependence> Adopter::dependence(std::string_view sql, bool body) const {
    if (const auto name = body ? model::find_mention_in_body(sql, m_gone.renamed)
                               : model::find_mention(sql, m_gone.renamed)) {
        return Dependence{Severity::left_out,
                          fmt::format("It speaks of {}, which, or a column of which, has another name here.",
                                      name->display())};
    }
    if (const auto name = model::find_mention(sql, m_gone.left_out)) {
        return Dependence{Severity::left_out,
                          fmt::format("It speaks of {}, which is not here.", name->display())};
    }
    if (const auto name = model::find_mention(sql, m_gone.excluded)) {
        return Dependence{Severity::excluded,
                          fmt::format("It speaks of {}, which is left out as asked.", name->display())};
    }
    return std::nullopt;
}

bool Adopter::has_lost_its_table(const SchemaObject& object) const {
    const Schema* record = same_engine() ? &m_source : m_source.origin_on("postgresql");
    const QualifiedName table{object.name.schema, object.table};
    return !object.table.empty() && object.kind != "partition" && !has_table(table) &&
           !m_gone.renamed.contains(table) && record->find_table(table) != nullptr;
}

bool Adopter::leave_dependent_out(const SchemaObject& object) {
    const auto why = dependence(object.native_sql, is_routine(object.kind));
    if (!why) {
        return false;
    }
    if (is_named_apart(object)) {
        (why->severity == Severity::excluded ? m_gone.excluded : m_gone.left_out).insert(object.name);
    }
    if (!is_detail(object)) {
        note(why->severity, dashed(object.kind) + "-left-out",
             fmt::format("{} {}{}", object.kind, object.name.display(),
                         object.table.empty() ? "" : " on " + object.table),
             why->reason, "Create it by hand.");
    }
    return true;
}

void Adopter::leave_dependents_out(Table& table) {
    const auto leave = [&](const std::string& sql, const char* code, const std::string& what,
                           const char* next_step) {
        const auto why = dependence(sql);
        if (why) {
            note_definition(table, why->severity, code,
                            fmt::format("table {}, {}", table.name.display(), what), why->reason, next_step);
        }
        return why.has_value();
    };
    for (Column& column : table.columns) {
        if (column.default_sql && leave(*column.default_sql, "default-left-out", "column " + column.name,
                                        "ALTER TABLE … ALTER COLUMN … SET DEFAULT after the migration.")) {
            column.default_sql.reset();
        }
        if (column.generated && leave(column.generated->expression, "generated-left-out",
                                      "column " + column.name, "Its values are copied.")) {
            column.generated.reset();
        }
    }
    std::erase_if(table.checks, [&](const Check& check) {
        return leave(check.expression, "check-left-out", "check " + check.name,
                     "ALTER TABLE … ADD CHECK after the migration.");
    });
    std::erase_if(table.indexes, [&](const Index& index) {
        std::string sql = index.predicate;
        for (const IndexPart& part : index.parts) {
            sql += " , " + part.expression;
        }
        return leave(sql, "index-left-out", "index " + index.name, "CREATE INDEX after the migration.");
    });
}

void Adopter::leave_dependents_out() {
    find_gone();
    auto& objects = m_adoption.schema.objects;
    while (std::erase_if(objects, [&](const SchemaObject& object) { return leave_dependent_out(object); }) >
           0) {
        // A view over a view that is left out now is found in the next round.
    }
    for (Table& table : m_adoption.schema.tables) {
        leave_dependents_out(table);
    }
}

}  // namespace migrate::backends::postgresql
