#include "plan/existing.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "backend/merge_policy.hpp"
#include "mapping/existing_match.hpp"
#include "plan/undo_strategy.hpp"

namespace migrate::plan {
namespace {

/// The property by which an object says of what kind the object is that it describes.
constexpr const char* k_about_kind = "about_kind";
constexpr const char* k_about = "about";

std::string property_of(const SchemaObject& object, const char* name) {
    const auto found = object.properties.find(name);
    return found == object.properties.end() ? std::string() : found->second;
}

/// What the target has is not replaced: CREATE OR REPLACE made there what CREATE would make.
std::string settled(const std::string& sql) {
    constexpr std::string_view k_replace = "CREATE OR REPLACE ";
    return sql.starts_with(k_replace) ? "CREATE " + sql.substr(k_replace.size()) : sql;
}

bool is_code_of_table(const std::string& kind) {
    return kind == "trigger" || kind == "rule";
}

/// Whether one of the table's columns is numbered by the sequence of this name.
bool numbers_by(const Table& table, const QualifiedName& sequence) {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
        std::string plain = column.identity ? column.identity->sequence : std::string();
        std::erase(plain, '"');
        return column.identity && plain == sequence.schema + "." + sequence.name;
    });
}

/// Policies, privileges, comments, statistics, constraints: what describes the table or is a rule of it.
/// Triggers and rules are code, which comes only where it is asked for.
bool defines(const SchemaObject& object, const Table& table) {
    const std::string about = property_of(object, k_about_kind);
    if (is_code_of_table(object.kind) || is_code_of_table(about)) {
        return false;
    }
    return QualifiedName{object.name.schema, object.table} == table.name ||
           (about == "sequence" && numbers_by(table, {object.name.schema, property_of(object, k_about)}));
}

class Settling {
  public:
    Settling(backend::Target& target, const Schema& source, MigrationPlan& plan)
        : m_target(target), m_source(source), m_plan(plan) {}

    void run() {
        const std::vector<QualifiedName> there = m_target.existing_tables();
        std::vector<std::optional<QualifiedName>> counterparts;
        std::vector<QualifiedName> wanted;
        for (const Table& table : m_plan.target.tables) {
            // What is replaced has to be the table that is meant: users is not user_s.
            const bool loads = m_plan.options.on_existing == ExistingTables::load;
            const auto found = mapping::match_name(
                there, table.name, loads ? mapping::NameMatch::words : mapping::NameMatch::letters);
            counterparts.push_back(found ? std::optional(there[*found]) : std::nullopt);
            if (found) {
                note_taken(there[*found], table.name);
                wanted.push_back(there[*found]);
            }
        }
        if (wanted.empty()) {
            return;
        }
        const Schema existing = m_target.existing_schema(wanted);
        for (std::size_t i = 0; i < counterparts.size(); ++i) {
            const Table* table = counterparts[i] ? existing.find_table(*counterparts[i]) : nullptr;
            if (table != nullptr) {
                settle(m_plan.target.tables[i], m_source.tables[i], *table);
            }
        }
        rename_references();
        drop_known_objects(existing);
    }

  private:
    void note_taken(const QualifiedName& existing, const QualifiedName& by) {
        const auto [first, fresh] = m_taken.try_emplace(existing, by);
        if (!fresh) {
            m_plan.findings.push_back(
                {Severity::blocker, "table-ambiguous", "table " + existing.display(),
                 "two tables of the source would go into it: " + first->second.display() + " and " +
                     by.display(),
                 "Leave one out with --exclude, or say with a mapping where each goes.", 0});
        }
    }

    void settle(Table& adopted, const Table& source, const Table& existing) {
        const QualifiedName wanted = adopted.name;
        const bool loads = m_plan.options.on_existing == ExistingTables::load;
        const auto obstacle =
            existing.properties.find(loads ? backend::k_cannot_load : backend::k_cannot_replace);
        if (obstacle != existing.properties.end()) {
            block(existing, loads ? "table-not-loadable" : "table-not-replaceable", obstacle->second,
                  "Mend that at the target, or leave the table out with --exclude.");
        }
        if (loads) {
            if (const auto undo = existing.properties.find(backend::k_cannot_undo);
                undo != existing.properties.end()) {
                m_plan.findings.push_back({Severity::risk, k_cannot_undo_code,
                                           "table " + existing.name.display(),
                                           "what is loaded could not be rolled back: " + undo->second,
                                           "Migrate as its owner, or roll back as one.", 0});
            }
            load(adopted, source, existing);
        } else {
            adopted.placement = Placement::replace;
            adopted.name = existing.name;
            for (const char* const name : {backend::k_existing_state, backend::k_cannot_replace}) {
                if (const auto known = existing.properties.find(name); known != existing.properties.end()) {
                    adopted.properties[name] = known->second;
                }
            }
            m_plan.findings.push_back(
                {Severity::risk,
                 "table-replaced",
                 "table " + existing.name.display(),
                 "is kept aside with its rows until finalize; a new one takes its place",
                 {},
                 existing.row_estimate});
        }
        m_renamed[wanted] = adopted.name;
    }

    /// The table that is there keeps its own definition: what was found of the one planned says nothing.
    void forget_definition(const Table& adopted) {
        std::erase_if(m_plan.findings, [&](const Finding& finding) {
            return finding.definition_of == adopted.name && finding.severity != Severity::blocker;
        });
    }

    /// Nothing of the source is done to a table that stays but to give it rows.
    void leave_definers(const Table& adopted, const Table& existing) {
        std::string left;
        std::uint64_t count = 0;
        std::erase_if(m_plan.target.objects, [&](const SchemaObject& object) {
            if (!defines(object, adopted)) {
                return false;
            }
            left += (left.empty() ? "" : "; ") + object.kind + " " + object.name.display();
            ++count;
            return true;
        });
        if (count > 0) {
            m_plan.findings.push_back({Severity::note,
                                       "definition-kept",
                                       "table " + existing.name.display(),
                                       "keeps what it has; not taken over from the source: " + left,
                                       {},
                                       count});
        }
    }

    void load(Table& adopted, const Table& source, const Table& existing) {
        forget_definition(adopted);
        leave_definers(adopted, existing);
        mapping::load_into(source, existing, m_plan.options.ignore_columns, adopted, m_plan.findings);
        const ConflictHandling policy = m_plan.options.on_conflict;
        if (policy == ConflictHandling::refuse && existing.row_estimate > 0) {
            block(existing, "table-not-empty",
                  "has " + std::to_string(existing.row_estimate) +
                      " rows, and what becomes of rows whose key "
                      "is there already was not said",
                  "Say it with --on-conflict stop, skip, overwrite or keep-newest.");
        }
        const bool by_key = policy == ConflictHandling::overwrite || policy == ConflictHandling::keep_newest;
        if (by_key && existing.row_estimate > 0 && backend::merge_key(adopted).empty()) {
            block(existing, "no-key",
                  "has no primary key, nor a unique key without NULLs, whose columns all have a source, so "
                  "the row "
                  "that is there cannot be told",
                  "Give the table a key, or use --on-conflict skip or stop.");
        }
        if (policy == ConflictHandling::keep_newest && existing.row_estimate > 0) {
            check_newest(adopted, existing);
        }
        if (existing.properties.contains("user_triggers")) {
            m_plan.findings.push_back(
                {Severity::risk, "triggers-fire", "table " + existing.name.display(),
                 m_plan.options.disable_triggers
                     ? "its triggers do not fire for the rows that are loaded, as asked"
                     : "its triggers fire for the rows that are loaded: " +
                           existing.properties.at("user_triggers"),
                 m_plan.options.disable_triggers ? "" : "--disable-triggers keeps them from firing.", 0});
        }
    }

    void check_newest(const Table& adopted, const Table& existing) {
        const Column* column = adopted.find_column(m_plan.options.newest_column);
        if (column == nullptr || column->hidden) {
            block(existing, "newest-column-missing",
                  m_plan.options.newest_column.empty()
                      ? "--on-conflict keep-newest needs the column that tells"
                      : "has no column " + m_plan.options.newest_column + " that the source fills",
                  "Name it with --newest-column.");
        }
    }

    void block(const Table& table, const char* code, std::string message, std::string next_step) {
        m_plan.findings.push_back({Severity::blocker, code, "table " + table.name.display(),
                                   std::move(message), std::move(next_step), 0});
    }

    void rename_references() {
        for (Table& table : m_plan.target.tables) {
            if (table.placement == Placement::load) {
                continue;
            }
            for (ForeignKey& key : table.foreign_keys) {
                const auto renamed = m_renamed.find(key.referenced_table);
                if (renamed != m_renamed.end()) {
                    key.referenced_table = renamed->second;
                }
            }
        }
    }

    /// Types, sequences and code that the target has as the source has them serve as they are.
    void drop_known_objects(const Schema& existing) {
        std::erase_if(m_plan.target.objects, [&](const SchemaObject& object) {
            return std::any_of(existing.objects.begin(), existing.objects.end(),
                               [&](const SchemaObject& one) {
                                   return one.kind == object.kind && one.name == object.name &&
                                          settled(one.native_sql) == settled(object.native_sql);
                               });
        });
    }

    backend::Target& m_target;
    const Schema& m_source;
    MigrationPlan& m_plan;
    std::map<QualifiedName, QualifiedName> m_renamed;
    std::map<QualifiedName, QualifiedName>
        m_taken;  ///< Existing tables, and what they are the counterpart of.
};

std::size_t count_of(const MigrationPlan& plan, Placement placement) {
    return static_cast<std::size_t>(
        std::count_if(plan.target.tables.begin(), plan.target.tables.end(),
                      [&](const Table& table) { return table.placement == placement; }));
}

std::string conflict_words(const MigrationPlan& plan) {
    switch (plan.options.on_conflict) {
        case ConflictHandling::refuse:
        case ConflictHandling::stop:
            return "a row whose key is there stops the migration";
        case ConflictHandling::skip:
            return "a row whose key is there is skipped";
        case ConflictHandling::overwrite:
            return "a row whose key is there is overwritten";
        case ConflictHandling::keep_newest:
            break;
    }
    return "of two rows of one key the one with the higher " + plan.options.newest_column + " stays";
}

}  // namespace

void settle_existing(backend::Target& target, const Schema& source, MigrationPlan& plan) {
    if (plan.options.on_existing != ExistingTables::refuse) {
        Settling(target, source, plan).run();
    }
}

std::string rollback_line(const MigrationPlan& plan) {
    const ChosenStrategy chosen = strategy_of(plan);
    const std::string how =
        "rollback " + plan.id + " (" + std::string(to_string(chosen.strategy)) + ": " + chosen.reason + "): ";
    std::string what;
    const auto add = [&](const std::string& part) { what += (what.empty() ? "" : "; ") + part; };
    const std::size_t created = count_of(plan, Placement::create);
    if (created == plan.target.tables.size() && plan.to_summary.byte_size == 0) {
        return how + "the new target is taken away; nothing was there before";
    }
    if (created > 0) {
        add("drop the tables that were added");
    }
    if (const std::size_t replaced = count_of(plan, Placement::replace); replaced > 0) {
        add("put the " + std::to_string(replaced) + " tables that are kept aside back in their place");
    }
    if (const std::size_t loaded = count_of(plan, Placement::load); loaded > 0) {
        add("take the loaded rows out of " + std::to_string(loaded) +
            " tables and put overwritten ones back, by the undo log");
    }
    return how + what + "; proven by digests from before";
}

std::vector<std::string> existing_lines(const MigrationPlan& plan) {
    std::vector<std::string> lines;
    for (const Table& table : plan.target.tables) {
        if (table.placement == Placement::load) {
            lines.push_back("merge into " + table.name.display() +
                            ", which is there: " + conflict_words(plan));
        } else if (table.placement == Placement::replace) {
            lines.push_back("put a new " + table.name.display() +
                            " in the place of the one that is there, "
                            "which is kept aside until finalize");
        }
    }
    return lines;
}

}  // namespace migrate::plan
