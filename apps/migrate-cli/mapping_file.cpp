#include "mapping_file.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "files.hpp"
#include "printable.hpp"
#include "problem_list.hpp"
#include "suggestion.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

using Keys = std::vector<std::string>;

const Keys k_top{"version", "include", "exclude", "tables", "order"};
const Keys k_table{"from", "to", "where", "include", "exclude", "columns", "compute", "key"};
const Keys k_column{"to", "type", "format", "expression", "values", "otherwise"};
const Keys k_computed{"constant", "expression", "type"};
const Keys k_otherwise{"set"};

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// -12, 12.50: what is a number in the language of expressions as well.
bool is_number(std::string_view text) {
    if (text.starts_with('-')) {
        text.remove_prefix(1);
    }
    const std::size_t point = text.find('.');
    return is_digits(text.substr(0, point)) &&
           (point == std::string_view::npos || is_digits(text.substr(point + 1)));
}

class MappingReader {
  public:
    MappingReader(const std::string& text, const std::string& name) : m_text(text) { m_spec.file = name; }

    MappingSpec read(const YAML::Node& root) {
        m_problems.attempt([&] { read_all(root); });
        m_problems.raise(k_mend);
        return std::move(m_spec);
    }

    [[nodiscard]] std::string place(const YAML::Mark& mark) const {
        return fmt::format("{}:{}:{}", printable(m_spec.file), std::max(mark.line, 0) + 1,
                           std::max(mark.column, 0) + 1);
    }

  private:
    static constexpr const char* k_mend = "mend the mapping file";

    void read_all(const YAML::Node& root) {
        each(root, "a mapping file", k_top, [&](const std::string& key, const YAML::Node& value) {
            if (key == "version") {
                check_version(value);
            } else if (key == "include") {
                m_spec.include = list_of(value);
            } else if (key == "exclude") {
                m_spec.exclude = list_of(value);
            } else if (key == "order") {
                m_spec.order = list_of(value);
            } else {
                read_tables(value);
            }
        });
        if (!m_version) {
            fail(root, "a mapping file says which format it is in", "begin it with `version: 1`");
        }
    }

    [[noreturn]] void fail(const YAML::Node& node, const std::string& message,
                           const std::string& next_step = {}) const {
        usage_error(fmt::format("{}: {}", place(node.Mark()), message),
                    next_step.empty() ? k_mend : next_step);
    }

    /// Every entry of a map once, all keys known.
    template <class Take>
    void each(const YAML::Node& map, const std::string& what, const Keys& keys, Take take) {
        each_named(map, what, [&](const YAML::Node& name, const YAML::Node& value) {
            const std::string& key = name.Scalar();
            if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
                const std::string hint = did_you_mean(key, keys);
                fail(name, fmt::format("{} has no \"{}\"", what, printable(key)),
                     hint.empty() ? fmt::format("it has {}", fmt::join(keys, ", ")) : hint);
            }
            take(key, value);
        });
    }

    template <class Take>
    void each_named(const YAML::Node& map, const std::string& what, Take take) {
        if (!map.IsMap()) {
            fail(map, fmt::format("{} is a map, as in `name: value`", what));
        }
        std::set<std::string> seen;
        for (const auto& entry : map) {
            m_problems.attempt([&] {
                if (!entry.first.IsScalar() || entry.first.Scalar().empty()) {
                    fail(entry.first, fmt::format("a name in {} is a text", what));
                }
                if (!seen.insert(entry.first.Scalar()).second) {
                    fail(entry.first,
                         fmt::format("\"{}\" stands twice in {}", printable(entry.first.Scalar()), what));
                }
                take(entry.first, entry.second);
            });
        }
    }

    void check_version(const YAML::Node& value) {
        if (!value.IsScalar() || value.Scalar() != "1") {
            fail(value, "this version reads mapping files of format 1");
        }
        m_version = true;
    }

    static SourcePosition position_of(const YAML::Node& node) {
        const YAML::Mark mark = node.Mark();
        return {static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
                static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1};
    }

    MappingText text_of(const YAML::Node& node) const {
        if (!node.IsScalar() || node.Scalar().empty()) {
            fail(node, "a text is needed here");
        }
        MappingText text;
        text.text = node.Scalar();
        text.at = position_of(node);
        const auto at = static_cast<std::size_t>(std::max(node.Mark().pos, 0));
        const bool quoted = at < m_text.size() && (m_text[at] == '"' || m_text[at] == '\'');
        text.plain =
            m_text.compare(std::min(at + (quoted ? 1 : 0), m_text.size()), text.text.size(), text.text) == 0;
        text.at.column += text.plain && quoted ? 1 : 0;
        return text;
    }

    /// A list of texts, or one text.
    std::vector<MappingText> list_of(const YAML::Node& node) const {
        if (node.IsScalar()) {
            return {text_of(node)};
        }
        if (!node.IsSequence() || node.size() == 0) {
            fail(node, "a list is needed here, as in [one, two]");
        }
        std::vector<MappingText> list;
        for (const auto& item : node) {
            list.push_back(text_of(item));
        }
        return list;
    }

    MappingValue value_of(const YAML::Node& node) const {
        MappingValue value;
        value.at = position_of(node);
        if (node.IsNull()) {
            value.kind = MappingValue::Kind::null;
            return value;
        }
        if (!node.IsScalar()) {
            fail(node, "a value is needed here: a text, a number, true, false or null");
        }
        value.text = node.Scalar();
        const bool quoted = node.Tag() == "!";
        value.kind = quoted                                          ? MappingValue::Kind::text
                     : value.text == "true" || value.text == "false" ? MappingValue::Kind::boolean
                     : is_number(value.text)                         ? MappingValue::Kind::number
                                                                     : MappingValue::Kind::text;
        return value;
    }

    void read_tables(const YAML::Node& tables) {
        if (!tables.IsSequence()) {
            fail(tables, "`tables` is a list of entries, each with `from`");
        }
        for (const auto& entry : tables) {
            m_problems.attempt([&] { m_spec.tables.push_back(table_of(entry)); });
        }
    }

    TableMapping table_of(const YAML::Node& entry) {
        TableMapping table;
        each(entry, "an entry of `tables`", k_table, [&](const std::string& key, const YAML::Node& value) {
            if (key == "from") {
                table.from = text_of(value);
            } else if (key == "to") {
                table.to = text_of(value);
            } else if (key == "where") {
                table.where = text_of(value);
            } else if (key == "include") {
                table.include = list_of(value);
            } else if (key == "exclude") {
                table.exclude = list_of(value);
            } else if (key == "key") {
                table.key = list_of(value);
            } else if (key == "columns") {
                each_named(value, "`columns`", [&](const YAML::Node& name, const YAML::Node& rule) {
                    table.columns.push_back(column_of(name, rule));
                });
            } else {
                each_named(value, "`compute`", [&](const YAML::Node& name, const YAML::Node& rule) {
                    table.compute.push_back(computed_of(name, rule));
                });
            }
        });
        if (table.from.empty()) {
            fail(entry, "an entry of `tables` says which table it is about", "give it `from: TABLE`");
        }
        return table;
    }

    /// `old: new`, or `old: {to: new, …}`.
    ColumnMapping column_of(const YAML::Node& name, const YAML::Node& rule) {
        ColumnMapping column;
        column.column = text_of(name);
        if (rule.IsScalar()) {
            column.to = text_of(rule);
            return column;
        }
        const std::string what = fmt::format("the entry of column {}", printable(column.column.text));
        each(rule, what, k_column, [&](const std::string& key, const YAML::Node& value) {
            if (key == "to") {
                column.to = text_of(value);
            } else if (key == "type") {
                column.type = text_of(value);
            } else if (key == "format") {
                column.format = text_of(value);
            } else if (key == "expression") {
                column.expression = text_of(value);
            } else if (key == "values") {
                read_values(value, column);
            } else {
                read_otherwise(value, column);
            }
        });
        return column;
    }

    void read_values(const YAML::Node& values, ColumnMapping& column) {
        if (!values.IsMap() || values.size() == 0) {
            fail(values, "`values` is a map from each value to another, as in {A: active}");
        }
        std::set<std::pair<bool, std::string>> seen;
        for (const auto& entry : values) {
            MappedValue value{value_of(entry.first), value_of(entry.second)};
            if (!seen.emplace(value.from.kind == MappingValue::Kind::null, value.from.text).second) {
                fail(entry.first, "this value stands twice in `values`");
            }
            column.values.push_back(std::move(value));
        }
    }

    void read_otherwise(const YAML::Node& node, ColumnMapping& column) {
        if (node.IsScalar() && (node.Scalar() == "reject" || node.Scalar() == "keep")) {
            column.otherwise = node.Scalar() == "keep" ? UnmappedValue::keep : UnmappedValue::reject;
            return;
        }
        if (!node.IsMap() || node.size() == 0) {
            fail(node, "`otherwise` is reject, keep, or {set: value}");
        }
        each(node, "`otherwise`", k_otherwise, [&](const std::string& /*key*/, const YAML::Node& value) {
            column.otherwise = UnmappedValue::set;
            column.otherwise_value = value_of(value);
        });
    }

    ComputedColumn computed_of(const YAML::Node& name, const YAML::Node& rule) {
        ComputedColumn column;
        column.name = text_of(name);
        const std::string what = fmt::format("the computed column {}", printable(column.name.text));
        each(rule, what, k_computed, [&](const std::string& key, const YAML::Node& value) {
            if (key == "constant") {
                column.constant = value_of(value);
            } else if (key == "expression") {
                column.expression = text_of(value);
            } else {
                column.type = text_of(value);
            }
        });
        return column;
    }

    const std::string& m_text;
    MappingSpec m_spec;
    ProblemList m_problems;
    bool m_version = false;
};

}  // namespace

MappingSpec parse_mapping(const std::string& text, const std::string& name) {
    MappingReader reader(text, name);
    try {
        return reader.read(YAML::Load(text));
    } catch (const YAML::Exception& error) {
        usage_error(fmt::format("{}: {}", reader.place(error.mark), printable(error.msg)),
                    "mend the mapping file");
    }
}

MappingSpec read_mapping(const std::string& path) {
    return parse_mapping(read_file(path, "mapping file"), path);
}

}  // namespace migrate::cli
