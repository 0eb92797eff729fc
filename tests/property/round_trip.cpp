#include "property/round_trip.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include "support/compare_databases.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::property {
namespace {

/// One place for a database of any engine, gone at the end.
class Site {
  public:
    Site(const std::string& engine, const test::TemporaryDirectory& directory, const std::string& name) {
        m_endpoint.engine = engine;
        if (engine == "postgresql") {
            m_database = std::make_unique<test::PgDatabase>();
            m_endpoint.location = m_database->conninfo();
        } else {
            m_endpoint.location = directory.path(name + (engine == "sqlite" ? ".db" : ".d/"));
        }
    }

    [[nodiscard]] const Endpoint& endpoint() const { return m_endpoint; }
    [[nodiscard]] const std::string& location() const { return m_endpoint.location; }
    [[nodiscard]] std::string for_comparison() const {
        return (m_endpoint.engine == "postgresql" ? "pg" : m_endpoint.engine) + ":" + m_endpoint.location;
    }

  private:
    Endpoint m_endpoint;
    std::unique_ptr<test::PgDatabase> m_database;
};

/// Every other seed takes along text that is not UTF-8, as the bytes that it is; the rest is refused for it.
PlanOptions plan_options(std::uint64_t seed) {
    PlanOptions options;
    options.bad_text = seed % 2 == 0 ? "bytes" : "stop";
    options.source_backup = SourceBackup::never;
    options.workers = 1;
    options.with_code = false;
    return options;
}

/// Blockers that a random database may rightly meet, each a promise of the documentation.
bool is_rightful_refusal(const Finding& finding) {
    constexpr std::array codes = {"text-not-utf8", "name-reserved"};
    return std::any_of(codes.begin(), codes.end(), [&](const char* code) { return finding.code == code; });
}

std::string described(const Finding& finding) {
    return finding.code + " (" + finding.object + "): " + finding.message;
}

/// The names of what came out at the right, as they were at the left.
std::map<std::pair<std::string, std::string>, test::RightName> right_names(const MigrationPlan& plan) {
    std::map<std::pair<std::string, std::string>, test::RightName> names;
    for (const TablePlan& table : plan.tables) {
        const Table& from = plan.source.tables[table.source];
        const Table& to = plan.target.tables[table.target];
        test::RightName& name = names[{to.name.schema, to.name.name}];
        name.schema = from.name.schema;
        name.name = from.name.name;
        for (std::size_t i = 0; i < from.columns.size() && i < to.columns.size(); ++i) {
            name.columns[to.columns[i].name] = from.columns[i].name;
        }
    }
    return names;
}

/// What one leg may not be, whatever the databases hold. True: there is a target to look at.
bool judge_leg(const std::string& which, const Leg& leg, Verdict& verdict) {
    if (!leg.error.empty()) {
        verdict.faults.push_back(which + " ended in an error: " + leg.error);
        return false;
    }
    for (const Finding& finding : leg.plan.findings) {
        if (finding.severity == Severity::blocker && !is_rightful_refusal(finding)) {
            verdict.faults.push_back(which + " was refused: " + described(finding));
        }
    }
    if (leg.refused) {
        verdict.refused = true;
        return false;
    }
    const int code = leg.result.exit_code();
    std::size_t left_out = 0;
    for (const Finding& finding : leg.result.findings) {
        left_out += finding.severity == Severity::left_out ? 1U : 0U;
    }
    verdict.left_out += left_out;
    if (code != (left_out == 0 ? 0 : 5)) {
        verdict.faults.push_back(which + " ended with exit code " + std::to_string(code) + ", " +
                                 std::to_string(left_out) + " objects left out: " + leg.result.failure);
    }
    return leg.result.state == MigrationState::done;
}

void compare(const std::string& which, const Site& left, const Site& right,
             const test::CompareOptions& options, const std::vector<const Leg*>& legs, Verdict& verdict) {
    try {
        const auto found = test::compare_databases(left.for_comparison(), right.for_comparison(), options);
        for (const std::string& difference : unexplained(found.differences, legs)) {
            verdict.faults.push_back(which + ": " + difference);
        }
    } catch (const std::exception& error) {
        verdict.faults.push_back(which + " cannot be compared: " + error.what());
    }
}

struct Explanation {
    const char* part;                ///< In the difference.
    std::vector<const char*> codes;  ///< Beginnings of findings' codes.
};

/// Which findings account for which difference of the catalogs; rows have none.
const std::vector<Explanation>& explanations() {
    static const std::vector<Explanation> list = {
        {", foreign keys: ", {"foreign-key"}},
        {", unique keys: ", {"unique-key", "index"}},
        {", unique keys and indexes: ", {"unique-key", "index", "nocase-unique-index", "primary-key"}},
        {", indexes: ", {"index", "included-columns"}},
        {", constraints and properties: ",
         {"check", "key-not-deferrable", "primary-key", "object", "partition", "exclusion"}},
        {", key: ", {"primary-key"}},
        {", key columns: ", {"primary-key"}},
        {", NOT NULL: ", {"primary-key"}},
        {", column ", {"default", "generated", "identity", "collation", "type-left-out"}},
    };
    return list;
}

/// How findings may call the table, or an index of the table, that a difference is about.
std::vector<std::string> names_in_findings(const MigrationPlan& plan, const std::string& difference) {
    std::vector<std::string> names;
    const auto is_meant = [&difference](const QualifiedName& name) {
        return difference.starts_with((name.schema.empty() ? "" : name.schema + ".") + name.name + ",");
    };
    for (const TablePlan& pair : plan.tables) {
        const Table& source = plan.source.tables[pair.source];
        const Table& target = plan.target.tables[pair.target];
        if (!is_meant(source.name) && !is_meant(target.name)) {
            continue;
        }
        for (const Table* table : {&source, &target}) {
            // Without the schema: some findings are made before the target has one.
            names.push_back(QualifiedName{{}, table->name.name}.display());
            for (const Index& index : table->indexes) {
                names.push_back("index " + index.name);
            }
        }
    }
    return names;
}

/// SQLite makes one index of a UNIQUE that says again what another key says; PostgreSQL makes two.
bool repeats_a_key(const Table& table) {
    std::vector<std::vector<std::string>> keys;
    if (table.primary_key) {
        keys.push_back(table.primary_key->columns);
    }
    for (const Key& key : table.unique_keys) {
        keys.push_back(key.columns);
    }
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

bool is_repeated_key(const Leg& leg, const std::string& difference) {
    return difference.find(", unique keys and indexes: ") != std::string::npos &&
           std::any_of(leg.plan.tables.begin(), leg.plan.tables.end(), [&](const TablePlan& pair) {
               const Table& source = leg.plan.source.tables[pair.source];
               const std::string schema = source.name.schema.empty() ? "" : source.name.schema + ".";
               return difference.starts_with(schema + source.name.name + ",") && repeats_a_key(source);
           });
}

bool is_named_by(const Leg& leg, const std::string& difference, const std::vector<const char*>& codes) {
    const auto names = names_in_findings(leg.plan, difference);
    return std::any_of(leg.result.findings.begin(), leg.result.findings.end(), [&](const Finding& finding) {
        const bool told = finding.severity == Severity::left_out || finding.code == "nocase-unique-index";
        return told &&
               std::any_of(codes.begin(), codes.end(),
                           [&](const char* code) { return finding.code.starts_with(code); }) &&
               std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                   return finding.object.find(name) != std::string::npos;
               });
    });
}

bool is_value_difference(const std::string& difference) {
    return difference.find(", column ") != std::string::npos &&
           difference.find(": type ") == std::string::npos;
}

}  // namespace

std::vector<std::string> unexplained(const std::vector<std::string>& differences,
                                     const std::vector<const Leg*>& legs) {
    const auto is_named = [&legs](const std::string& difference) {
        if (is_value_difference(difference)) {
            return false;
        }
        if (is_repeated_key(*legs.front(), difference)) {
            return true;
        }
        return std::any_of(explanations().begin(), explanations().end(), [&](const Explanation& explanation) {
            return difference.find(explanation.part) != std::string::npos &&
                   std::any_of(legs.begin(), legs.end(), [&](const Leg* leg) {
                       return is_named_by(*leg, difference, explanation.codes);
                   });
        });
    };
    std::vector<std::string> rest;
    std::copy_if(differences.begin(), differences.end(), std::back_inserter(rest),
                 [&](const std::string& d) { return !is_named(d); });
    return rest;
}

Verdict round_trip(const DatabaseCase& what, const std::string& engine, const std::string& through) {
    Verdict verdict;
    const test::TemporaryDirectory directory;
    const Site first(engine, directory, "first");
    if (engine == "sqlite") {
        make_sqlite(what, first.location());
    } else {
        test::PgConnection server(first.location());
        make_postgresql(what, server);
    }
    const Site middle(through, directory, "middle");
    const Leg there = test::migrate_once(first.endpoint(), middle.endpoint(), plan_options(what.seed));
    if (!judge_leg("there", there, verdict)) {
        return verdict;
    }
    test::CompareOptions options;
    options.right_names = right_names(there.plan);
    compare("there", first, middle, options, {&there}, verdict);

    const Site last(engine, directory, "last");
    const Leg back = test::migrate_once(middle.endpoint(), last.endpoint(), plan_options(what.seed));
    if (judge_leg("back", back, verdict)) {
        compare("back", first, last, {}, {&there, &back}, verdict);
    }
    return verdict;
}

Verdict document_trip(const DocumentCase& what, const std::string& through) {
    Verdict verdict;
    const test::TemporaryDirectory directory;
    make_documents(what, directory.path("documents"));
    Endpoint documents;
    documents.engine = "json";
    documents.location = directory.path("documents") + "/";
    const Site reference("sqlite", directory, "reference");
    const Leg first = test::migrate_once(documents, reference.endpoint(), plan_options(what.seed));
    if (!judge_leg("to SQLite", first, verdict)) {
        return verdict;
    }
    const Site middle(through, directory, "middle");
    const Leg there = test::migrate_once(documents, middle.endpoint(), plan_options(what.seed));
    if (!judge_leg("there", there, verdict)) {
        return verdict;
    }
    test::CompareOptions options;
    // Both sides were named anew: by way of what the documents' tables are called.
    const auto there_names = right_names(there.plan);
    const auto first_names = right_names(first.plan);
    for (const auto& [name, original] : there_names) {
        test::RightName& wanted = options.right_names[name];
        wanted = original;
        for (const auto& [given, before] : first_names) {
            if (before.name == original.name && before.schema == original.schema) {
                wanted.schema = given.first;
                wanted.name = given.second;
                for (auto& [column, as_read] : wanted.columns) {
                    for (const auto& [in_sqlite, read_as] : before.columns) {
                        if (read_as == original.columns.at(column)) {
                            as_read = in_sqlite;
                        }
                    }
                }
            }
        }
    }
    compare("there", reference, middle, options, {&there, &first}, verdict);
    return verdict;
}

}  // namespace migrate::property
