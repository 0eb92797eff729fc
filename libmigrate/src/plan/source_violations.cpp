#include "plan/source_violations.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "backend/stored_form.hpp"

namespace migrate::plan {
namespace {

/// "(a, b)"
std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return "(" + out + ")";
}

/// What the source's columns of these names became, or nullopt if one of them did not arrive as it is.
std::optional<std::vector<std::string>> arrived(const std::vector<std::string>& names, const Table& from,
                                                const Table& to, const TablePlan& way) {
    std::vector<std::string> out;
    for (const std::string& name : names) {
        const auto column = std::find_if(way.columns.begin(), way.columns.end(), [&](const ColumnPlan& one) {
            return one.source < from.columns.size() && one.expression.empty() &&
                   from.columns[one.source].name == name;
        });
        if (column == way.columns.end()) {
            return std::nullopt;
        }
        out.push_back(to.columns[column->target].name);
    }
    return out;
}

/// What the target has of the source's rules, by the objects of the findings.
class Rules {
  public:
    explicit Rules(const MigrationPlan& plan) {
        for (const TablePlan& way : plan.tables) {
            const Table& from = plan.source.tables[way.source];
            const Table& to = plan.target.tables[way.target];
            const std::string table = "table " + from.name.display() + ", ";
            for (const ForeignKey& key : from.foreign_keys) {
                const auto columns = arrived(key.columns, from, to, way);
                if (columns && std::any_of(to.foreign_keys.begin(), to.foreign_keys.end(),
                                           [&](const ForeignKey& one) { return one.columns == *columns; })) {
                    m_kept.insert(table + "foreign key " + listed(key.columns));
                }
            }
            if (from.primary_key && to.primary_key &&
                arrived(from.primary_key->columns, from, to, way) == to.primary_key->columns) {
                m_kept.insert(table + "primary key " + listed(from.primary_key->columns));
            }
            for (const Key& key : from.unique_keys) {
                add_by_value(key.columns, "unique key ", from, to, way);
            }
            for (const Index& index : from.indexes) {
                std::vector<std::string> columns;
                for (const IndexPart& part : index.parts) {
                    columns.push_back(part.column);
                }
                add_by_value(columns, "unique key ", from, to, way);
            }
            if (from.primary_key) {
                add_by_value(from.primary_key->columns, "primary key ", from, to, way);
            }
            // Which check became which is not told: one that is left out leaves all of them in doubt.
            if (!to.checks.empty()) {
                m_checked[table] = to.checks.size() >= from.checks.size();
            }
            // Of filtered rows it is not known which were counted.
            m_filtered = m_filtered || !way.where.empty();
        }
    }

    [[nodiscard]] bool filtered() const { return m_filtered; }
    [[nodiscard]] bool keep(const std::string& object) const { return m_kept.contains(object); }
    [[nodiscard]] bool keep_by_value(const std::string& object) const { return m_by_value.contains(object); }
    /// Nullopt: the table has no checks at the target.
    [[nodiscard]] std::optional<bool> check(const std::string& object) const {
        const auto found = m_checked.find(object.substr(0, object.find(", check ") + 2));
        return found == m_checked.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    /// A key whose columns arrive as values of the types that they are read as, however they are spelled.
    void add_by_value(const std::vector<std::string>& names, const char* what, const Table& from,
                      const Table& to, const TablePlan& way) {
        const auto columns = arrived(names, from, to, way);
        if (!columns || !has_key(to, *columns)) {
            return;
        }
        for (std::size_t i = 0; i < names.size(); ++i) {
            const Column* before = from.find_column(names[i]);
            const Column* after = to.find_column((*columns)[i]);
            if (before->properties.contains(backend::k_many_spellings) &&
                before->type.kind == after->type.kind) {
                m_by_value.insert("table " + from.name.display() + ", " + what + listed(names));
            }
        }
    }

    static bool has_key(const Table& table, const std::vector<std::string>& columns) {
        const auto is_it = [&](const Key& key) { return key.columns == columns; };
        return (table.primary_key && is_it(*table.primary_key)) ||
               std::any_of(table.unique_keys.begin(), table.unique_keys.end(), is_it) ||
               std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
                   return index.unique && index.predicate.empty() &&
                          std::equal(index.parts.begin(), index.parts.end(), columns.begin(), columns.end(),
                                     [](const IndexPart& part, const std::string& column) {
                                         return part.column == column;
                                     });
               });
    }

    std::set<std::string> m_kept;
    std::set<std::string> m_by_value;
    std::map<std::string, bool> m_checked;
    bool m_filtered = false;
};

bool is_about_rows(const Finding& finding) {
    return finding.code.ends_with("-at-source");
}

/// Lines that are no rows stop a load as rows that do not fit do.
void weigh_broken_lines(MigrationPlan& plan) {
    for (Finding& finding : plan.findings) {
        if (finding.code == "broken-line" && plan.options.on_reject == RejectHandling::stop) {
            finding.severity = Severity::blocker;
            finding.next_step =
                "Mend them, or leave them out with --on-reject dead-letter, which keeps each whole.";
        }
    }
}

}  // namespace

void weigh_violations(MigrationPlan& plan, const backend::Capabilities& can) {
    weigh_broken_lines(plan);
    const Rules rules(plan);
    const bool same_engine = plan.source.engine == plan.target.engine;
    std::erase_if(plan.findings, [&](const Finding& finding) {
        // What the target does not get is reported as such; another engine's keys hold no NULL.
        return is_about_rows(finding) && can.enforces_keys &&
               (finding.code == "check-violations-at-source" ? !rules.check(finding.object)
                : finding.code == "repeated-values-at-source"
                    ? same_engine || !rules.keep_by_value(finding.object)
                    : !rules.keep(finding.object) || (finding.code == "null-keys-at-source" && same_engine));
    });
    for (Finding& finding : plan.findings) {
        if (!is_about_rows(finding)) {
            continue;
        }
        const bool stops =
            finding.code == "orphans-at-source"            ? plan.options.on_orphan == OrphanHandling::stop
            : finding.code == "check-violations-at-source" ? plan.options.on_reject == RejectHandling::stop &&
                                                                 rules.check(finding.object).value_or(false)
            : finding.code == "repeated-values-at-source" ? plan.options.on_reject == RejectHandling::stop
                                                          : false;
        if (!can.enforces_keys) {
            finding.severity = Severity::note;
        } else if (rules.filtered()) {
            finding.severity = Severity::risk;
            finding.message += " (before the mapping's filters)";
        } else if (stops) {
            finding.severity = Severity::blocker;
        }
    }
}

}  // namespace migrate::plan
