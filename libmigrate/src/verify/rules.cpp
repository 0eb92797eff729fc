#include "verify/rules.hpp"

#include <algorithm>

#include "util/human.hpp"
#include "verify/schema_compare.hpp"

namespace migrate::verify {
namespace {

bool is_told(const backend::BrokenRule& rule, const std::vector<Finding>& told) {
    return std::any_of(told.begin(), told.end(), [&](const Finding& finding) {
        return finding.severity >= Severity::left_out && finding.count == rule.rows &&
               (finding.object == rule.object || rule.object.starts_with(finding.object + ","));
    });
}

}  // namespace

std::vector<SchemaDifference> broken_rules(backend::Source& side, const Schema& schema,
                                           const std::vector<backend::BrokenRule>& known,
                                           const std::vector<Finding>& told) {
    std::vector<SchemaDifference> differences;
    for (const backend::BrokenRule& rule : side.broken_rules(schema)) {
        if (std::find(known.begin(), known.end(), rule) == known.end() && !is_told(rule, told)) {
            differences.push_back({SchemaDifference::Kind::changed, rule.object, rule.rule,
                                   util::human_rows(rule.rows, "breaks it", "break it")});
        }
    }
    return differences;
}

std::vector<SchemaDifference> unexpected_in(const Schema& expected, const Schema& found) {
    Schema both = found;
    std::erase_if(both.tables,
                  [&](const Table& table) { return expected.find_table(table.name) == nullptr; });
    both.objects.clear();
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
