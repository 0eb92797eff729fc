// Which table stands inside which.

#include <algorithm>
#include <set>
#include <tuple>

#include <migrate/error.hpp>

#include "backends/json/nesting.hpp"

namespace migrate::backends::json {

namespace {

/// How close a foreign key binds a row to its parent. Ordered.
enum class Bond : std::uint8_t { wished, identifying, cascading, plain };

struct Candidate {
    std::size_t child;
    std::size_t parent;
    std::size_t key;  ///< In the child's list of foreign keys.
    Bond bond;
    std::size_t position;  ///< Of the key's first column.

    auto order() const { return std::make_tuple(bond, child, position, key); }
};

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

bool is_same_set(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

bool is_unique(const Table& table, const std::vector<std::string>& columns) {
    const auto by_key = [&](const Key& key) { return is_same_set(key.columns, columns); };
    const auto by_index = [&](const Index& index) {
        std::vector<std::string> parts;
        for (const IndexPart& part : index.parts) {
            parts.push_back(part.column);
        }
        return index.unique && index.predicate.empty() && is_same_set(parts, columns);
    };
    return (table.primary_key && by_key(*table.primary_key)) ||
           std::any_of(table.unique_keys.begin(), table.unique_keys.end(), by_key) ||
           std::any_of(table.indexes.begin(), table.indexes.end(), by_index);
}

// Types of which a value is spelled in one way only, so that equal values are equal texts; kinds of integers
// spell theirs alike.
int spelling_of(const LogicalType& type) {
    switch (type.kind) {
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return static_cast<int>(TypeKind::int64);
        case TypeKind::text:
        case TypeKind::uuid:
        case TypeKind::boolean:
        case TypeKind::date:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
        case TypeKind::bytes:
        case TypeKind::decimal:
            return static_cast<int>(type.kind);
        default:
            return -1;
    }
}

bool can_nest(const Table& child, const ForeignKey& key, const Table& parent) {
    const std::vector<std::string> referenced = referenced_columns(key, parent);
    if (key.columns.empty() || referenced.size() != key.columns.size() || !is_unique(parent, referenced)) {
        return false;
    }
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        const auto from = copied_column(child, key.columns[i]);
        const auto to = copied_column(parent, referenced[i]);
        if (!from || !to) {
            return false;
        }
        const int spelling = spelling_of(child.columns[*from].type);
        if (spelling < 0 || spelling != spelling_of(parent.columns[*to].type)) {
            return false;
        }
    }
    return true;
}

Bond bond_of(const Table& child, const ForeignKey& key) {
    const bool leads =
        child.primary_key && child.primary_key->columns.size() >= key.columns.size() &&
        std::is_permutation(key.columns.begin(), key.columns.end(), child.primary_key->columns.begin());
    return leads                                       ? Bond::identifying
           : key.on_delete == ReferenceAction::cascade ? Bond::cascading
                                                       : Bond::plain;
}

bool is_named(const Table& table, const std::string& name) {
    return table.name.name == name || table.name.display() == name;
}

class Chooser {
  public:
    Chooser(Schema& schema, const std::vector<NestWish>& wishes, std::size_t most_levels,
            std::vector<Finding>& findings)
        : m_schema(schema),
          m_wishes(wishes),
          m_most_levels(most_levels),
          m_findings(findings),
          m_parents(schema.tables.size()),
          m_why_not(schema.tables.size()) {}

    void run() {
        for (Table& table : m_schema.tables) {
            table.properties.erase(k_nested_by_property);
            table.properties.erase(k_member_property);
        }
        check_wishes();
        std::vector<Candidate> candidates = find_candidates();
        std::stable_sort(candidates.begin(), candidates.end(),
                         [](const Candidate& a, const Candidate& b) { return a.order() < b.order(); });
        for (const Candidate& one : candidates) {
            consider(one);
        }
        name_members();
        for (std::size_t i = 0; i < m_schema.tables.size(); ++i) {
            report(i, candidates);
        }
    }

  private:
    const NestWish* wish_of(const Table& table) const {
        for (const NestWish& wish : m_wishes) {
            if (is_named(table, wish.table)) {
                return &wish;
            }
        }
        return nullptr;
    }

    void refuse_wish(const NestWish& wish, const std::string& why) {
        m_findings.push_back({Severity::blocker, "nest-impossible", "table " + wish.table,
                              "its rows cannot stand in those of " + wish.parent + ": " + why,
                              "Choose another parent with --nest, or \"-\" for none.", 0});
    }

    void check_wishes() {
        for (const NestWish& wish : m_wishes) {
            const auto child = find(wish.table);
            if (!child) {
                m_findings.push_back({Severity::blocker, "nest-impossible", "table " + wish.table,
                                      "there is no such table to nest", "Mend --nest.", 0});
            } else if (!wish.parent.empty() && !find(wish.parent)) {
                refuse_wish(wish, "there is no such table");
            }
        }
    }

    std::optional<std::size_t> find(const std::string& name) const {
        for (std::size_t i = 0; i < m_schema.tables.size(); ++i) {
            if (is_named(m_schema.tables[i], name)) {
                return i;
            }
        }
        return std::nullopt;
    }

    std::optional<std::size_t> find(const QualifiedName& name) const {
        for (std::size_t i = 0; i < m_schema.tables.size(); ++i) {
            if (m_schema.tables[i].name == name) {
                return i;
            }
        }
        return std::nullopt;
    }

    std::vector<Candidate> find_candidates() {
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < m_schema.tables.size(); ++i) {
            const Table& table = m_schema.tables[i];
            const NestWish* wish = wish_of(table);
            for (std::size_t k = 0; k < table.foreign_keys.size(); ++k) {
                const auto parent = find(table.foreign_keys[k].referenced_table);
                if (!parent || !can_nest(table, table.foreign_keys[k], m_schema.tables[*parent])) {
                    continue;
                }
                const bool is_wished = wish != nullptr && is_named(m_schema.tables[*parent], wish->parent);
                if (wish == nullptr || is_wished) {
                    candidates.push_back({i, *parent, k,
                                          is_wished ? Bond::wished : bond_of(table, table.foreign_keys[k]),
                                          *copied_column(table, table.foreign_keys[k].columns.front())});
                }
            }
            const bool none = std::none_of(candidates.begin(), candidates.end(),
                                           [&](const Candidate& one) { return one.child == i; });
            if (wish != nullptr && !wish->parent.empty() && find(wish->parent) && none) {
                refuse_wish(*wish,
                            "no foreign key says which row it belongs to, by values that are compared "
                            "in one way only");
            }
        }
        return candidates;
    }

    std::size_t depth(std::size_t table) const {
        std::size_t levels = 1;
        for (auto at = m_parents[table]; at; at = m_parents[at->parent]) {
            ++levels;
        }
        return levels;
    }
    // Levels below and with the table.
    std::size_t height(std::size_t table) const {
        std::size_t most = 1;
        for (std::size_t i = 0; i < m_parents.size(); ++i) {
            if (m_parents[i] && m_parents[i]->parent == table) {
                most = std::max(most, height(i) + 1);
            }
        }
        return most;
    }
    bool stands_inside(std::size_t table, std::size_t other) const {
        for (std::size_t at = table;; at = m_parents[at]->parent) {
            if (at == other) {
                return true;
            }
            if (!m_parents[at]) {
                return false;
            }
        }
    }

    void consider(const Candidate& one) {
        std::string why;
        if (m_parents[one.child]) {
            return;
        }
        if (one.child == one.parent) {
            why = "it refers to rows of its own table";
        } else if (stands_inside(one.parent, one.child)) {
            why = "it would be a cycle: the rows of " + m_schema.tables[one.parent].name.display() +
                  " stand in its own";
        } else if (depth(one.parent) + height(one.child) > m_most_levels) {
            why =
                "documents would have more than " + std::to_string(m_most_levels) + " levels (--max-nesting)";
        } else {
            m_parents[one.child] = one;
            return;
        }
        const ForeignKey& key = m_schema.tables[one.child].foreign_keys[one.key];
        m_why_not[one.child] += (m_why_not[one.child].empty() ? "" : "; ") + joined(key.columns) + ": " + why;
        if (one.bond == Bond::wished) {
            refuse_wish(*wish_of(m_schema.tables[one.child]), why);
        }
    }

    // A member is named after the table, but for names that the parent's columns have.
    void name_members() {
        std::vector<std::set<std::string>> taken(m_schema.tables.size());
        for (std::size_t i = 0; i < taken.size(); ++i) {
            for (const Column& column : m_schema.tables[i].columns) {
                taken[i].insert(column.name);
            }
        }
        for (std::size_t i = 0; i < m_parents.size(); ++i) {
            if (!m_parents[i]) {
                continue;
            }
            Table& table = m_schema.tables[i];
            std::string member = table.name.name;
            for (int n = 2; !taken[m_parents[i]->parent].insert(member).second; ++n) {
                member = table.name.name + "_" + std::to_string(n);
            }
            table.properties[k_nested_by_property] = std::to_string(m_parents[i]->key);
            table.properties[k_member_property] = member;
        }
    }

    void report(std::size_t index, const std::vector<Candidate>& candidates) {
        const Table& table = m_schema.tables[index];
        const auto& choice = m_parents[index];
        if (!choice) {
            if (!m_why_not[index].empty()) {
                note("not-nested", table, "it is documents of its own: " + m_why_not[index], "");
            }
            return;
        }
        const ForeignKey& key = table.foreign_keys[choice->key];
        std::string others;
        for (const Candidate& one : candidates) {
            if (one.child == index && one.key != choice->key) {
                others += (others.empty() ? "" : ", ") + joined(table.foreign_keys[one.key].columns);
            }
        }
        note("nested", table,
             "its rows stand in those of " + m_schema.tables[choice->parent].name.display() +
                 ", as the member \"" + table.properties.at(k_member_property) + "\", by " +
                 joined(key.columns) + ": " + why(choice->bond, !others.empty()) +
                 (others.empty() ? "" : "; references stay: " + others) +
                 ". Rows that refer to none are documents of their own",
             "--nest " + table.name.name + ":PARENT chooses another parent, " + table.name.name + ":- none.");
    }

    static std::string why(Bond bond, bool has_others) {
        switch (bond) {
            case Bond::wished:
                return "as asked";
            case Bond::identifying:
                return "it begins its primary key";
            case Bond::cascading:
                return "its rows are deleted with those";
            default:
                return has_others ? "it is the first of its foreign keys" : "it is its only foreign key";
        }
    }

    void note(const char* code, const Table& table, const std::string& message,
              const std::string& next_step) {
        m_findings.push_back({Severity::note, code, "table " + table.name.display(), message, next_step, 0});
    }

    Schema& m_schema;
    const std::vector<NestWish>& m_wishes;
    std::size_t m_most_levels;
    std::vector<Finding>& m_findings;
    std::vector<std::optional<Candidate>> m_parents;
    std::vector<std::string> m_why_not;
};

}  // namespace

std::vector<NestWish> parse_nest_wishes(std::string_view text) {
    std::vector<NestWish> wishes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view one = text.substr(0, end);
        const std::size_t colon = one.rfind(':');
        if (colon == std::string_view::npos || colon == 0 || colon + 1 == one.size()) {
            ErrorFacts facts;
            facts.code = ErrorCode::usage;
            facts.backend = "json";
            facts.next_step = "Write it as TABLE:PARENT, or TABLE:- for none, with commas between.";
            throw Error(std::move(facts), "the JSON option nest cannot be \"" + std::string(one) + "\"");
        }
        const std::string_view parent = one.substr(colon + 1);
        wishes.push_back({std::string(one.substr(0, colon)), parent == "-" ? "" : std::string(parent)});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return wishes;
}

void choose_nesting(Schema& schema, const std::vector<NestWish>& wishes, std::size_t most_levels,
                    std::vector<Finding>& findings) {
    Chooser(schema, wishes, most_levels, findings).run();
}

}  // namespace migrate::backends::json
