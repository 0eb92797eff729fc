#include "verify/rules.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "util/ascii.hpp"
#include "util/human.hpp"
#include "verify/schema_compare.hpp"

namespace migrate::verify {
namespace {

bool is_told(const backend::BrokenRule& rule, const std::vector<Finding>& told) {
    const std::string object = rule.object();
    return std::any_of(told.begin(), told.end(), [&](const Finding& finding) {
        return finding.severity >= Severity::left_out && finding.count == rule.rows &&
               (finding.object == object || object.starts_with(finding.object + ","));
    });
}

/// Engines without schemas have the name alone.
bool is_same(const backend::BrokenRule& a, const backend::BrokenRule& b) {
    return a.what == b.what && a.rows == b.rows && util::equals_ignore_case(a.table.name, b.table.name);
}

SchemaDifference difference_of(const backend::BrokenRule& rule) {
    return {SchemaDifference::Kind::changed, rule.object(), rule.rule,
            util::human_rows(rule.rows, "breaks it", "break it")};
}

std::string kind_of(const backend::BrokenRule& rule) {
    if (rule.what.starts_with("column ")) {
        return rule.rule.starts_with("the sequence") ? "sequence" : "not null";
    }
    for (const char* const kind : {"primary key", "unique", "check", "foreign key"}) {
        if (rule.what.starts_with(kind)) {
            return kind;
        }
    }
    return rule.what;
}

/// A primary key that rows do not allow is built as a unique key, and told as that.
void forget_stand_in(const Table& expected, Table& found) {
    if (!expected.primary_key || found.primary_key) {
        return;
    }
    std::erase_if(found.unique_keys,
                  [&](const Key& key) { return key.columns == expected.primary_key->columns; });
}

}  // namespace

std::vector<SchemaDifference> broken_rules(backend::Source& side, const Schema& schema,
                                           const std::vector<Finding>& told) {
    std::vector<SchemaDifference> differences;
    for (const backend::BrokenRule& rule : side.broken_rules(schema)) {
        if (!is_told(rule, told)) {
            differences.push_back(difference_of(rule));
        }
    }
    return differences;
}

std::vector<SchemaDifference> rules_broken_since(const RuledSide& source, const RuledSide& target) {
    const std::vector<backend::BrokenRule> broken = target.source.broken_rules(target.schema);
    std::vector<backend::BrokenRule> before;
    if (!broken.empty()) {
        before = source.source.broken_rules(source.schema);
    }
    std::vector<SchemaDifference> differences;
    for (const backend::BrokenRule& rule : broken) {
        if (std::none_of(before.begin(), before.end(),
                         [&](const backend::BrokenRule& one) { return is_same(one, rule); })) {
            differences.push_back(difference_of(rule));
        }
    }
    return differences;
}

std::vector<RuleCount> count_rules(const Schema& schema) {
    const auto as_it_is = [](const std::string& text) { return text; };
    const backend::RuleDialect any{as_it_is, as_it_is,
                                   [](const Table& table) { return table.name.display(); }};
    std::map<std::string, std::uint64_t> kinds;
    for (const backend::RuleQuery& query : backend::rule_queries(schema, any)) {
        for (const backend::BrokenRule& rule : query.rules) {
            ++kinds[kind_of(rule)];
        }
    }
    std::vector<RuleCount> counts;
    for (const auto& [kind, rules] : kinds) {
        counts.push_back({kind, rules});
    }
    return counts;
}

std::vector<SchemaDifference> unexpected_in(const Schema& expected, const Schema& found) {
    Schema both = found;
    std::erase_if(both.tables,
                  [&](const Table& table) { return expected.find_table(table.name) == nullptr; });
    both.objects.clear();
    for (Table& table : both.tables) {
        forget_stand_in(*expected.find_table(table.name), table);
    }
    std::vector<SchemaDifference> differences;
    for (const Finding& finding : missing_in(both, expected, {})) {
        // What is there in another form was told when it was looked for.
        if (finding.message.find("is not at the target") == std::string::npos) {
            continue;
        }
        differences.push_back({SchemaDifference::Kind::only_in_target, finding.object, "", "is there"});
    }
    return differences;
}

}  // namespace migrate::verify
