#include "verify/described_object.hpp"

#include <algorithm>
#include <string_view>

#include "model/array_cast.hpp"
#include "util/ascii.hpp"

namespace migrate::verify {
namespace {

constexpr const char* k_some_expression = "an expression";

const Table* counterpart_of(const Dictionary& words, const QualifiedName& name, const Table** own) {
    for (std::size_t i = 0; words.schema != nullptr && i < words.schema->tables.size(); ++i) {
        const Table& table = words.schema->tables[i];
        if (table.name == name || (name.schema.empty() && table.name.name == name.name)) {
            *own = &table;
            return words.counterparts->at(i);
        }
    }
    return nullptr;
}

std::string list_of(const std::vector<std::string>& names, const Dictionary& words) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + words.column(name);
    }
    return "(" + out + ")";
}

/// Neither engine's default, which each spells its own way.
std::string collation_text(const std::string& collation) {
    if (collation.empty() || util::equals_ignore_case(collation, "binary") || collation == "default") {
        return {};
    }
    return " collate " + collation;
}

std::string deferral(bool deferrable, bool initially_deferred) {
    return std::string(deferrable ? " deferrable" : "") + (initially_deferred ? " initially deferred" : "");
}

class ConstraintDescriber {
  public:
    ConstraintDescriber(const Schema& schema, const Table& table, const Dictionary& words, bool expressions)
        : m_schema(schema), m_table(table), m_words(words), m_expressions(expressions) {}

    std::vector<DescribedObject> run() {
        if (m_table.primary_key) {
            add("primary key", "primary key",
                "primary key " + key_text(*m_table.primary_key) + on_conflict(*m_table.primary_key));
        }
        for (const Key& key : m_table.unique_keys) {
            describe_unique(key);
        }
        for (const Index& index : m_table.indexes) {
            describe_index(index);
        }
        for (const ForeignKey& key : m_table.foreign_keys) {
            describe_foreign_key(key);
        }
        for (const Check& check : m_table.checks) {
            describe_check(check);
        }
        return std::move(m_out);
    }

  private:
    void add(std::string label, std::string anchor, std::string text) {
        m_out.push_back({std::move(label), std::move(anchor), std::move(text)});
    }

    [[nodiscard]] std::string expression(const std::string& sql) const {
        return m_expressions ? sql : k_some_expression;
    }

    [[nodiscard]] std::string on_conflict(const Key& key) const {
        // In files of JSON nobody resolves conflicts.
        const bool usual = m_schema.engine == "json" || key.on_conflict.empty() ||
                           util::equals_ignore_case(key.on_conflict, "abort");
        return usual ? std::string() : " on conflict " + util::lower_ascii(key.on_conflict);
    }

    [[nodiscard]] std::string key_text(const Key& key) const {
        std::string out;
        for (std::size_t i = 0; i < key.columns.size(); ++i) {
            out += (out.empty() ? "" : ", ") + m_words.column(key.columns[i]);
            out += key.collations.empty() ? ""
                                          : collation_text(own_collation(key.columns[i], key.collations[i]));
        }
        return "(" + out + ")" + deferral(key.deferrable, key.initially_deferred);
    }

    /// A part's collation, unless it is its column's.
    [[nodiscard]] std::string own_collation(const std::string& column, const std::string& collation) const {
        const Column* of = m_table.find_column(column);
        return of != nullptr && util::equals_ignore_case(of->collation, collation) ? std::string()
                                                                                   : collation;
    }

    void describe_unique(const Key& key) {
        const std::string text = key_text(key) + on_conflict(key);
        // What only a definition can say: UNIQUE NULLS NOT DISTINCT, EXCLUDE.
        const std::string native = m_expressions ? util::lower_ascii(key.native_sql) : std::string();
        const bool nulls = native.find("nulls not distinct") != std::string::npos;
        add("unique key " + list_of(key.columns, m_words), "unique " + list_of(key.columns, m_words),
            "unique " + text + (nulls ? " nulls not distinct" : ""));
    }

    [[nodiscard]] std::string part_text(const IndexPart& part) const {
        std::string out = part.column.empty() ? expression(part.expression) : m_words.column(part.column);
        if (!part.column.empty()) {
            out += collation_text(own_collation(part.column, part.collation));
        } else if (m_expressions) {
            out += collation_text(part.collation);  // Else it may stand within the expression.
        }
        out += part.operator_class.empty() ? "" : " " + part.operator_class;
        out += part.descending ? " desc" : "";
        if (m_schema.engine == "postgresql" && part.nulls_first && *part.nulls_first != part.descending) {
            out += *part.nulls_first ? " nulls first" : " nulls last";
        }
        return out;
    }

    void describe_index(const Index& index) {
        std::string text;
        for (const IndexPart& part : index.parts) {
            text += (text.empty() ? "" : ", ") + part_text(part);
        }
        text = (index.unique ? "unique (" : "(") + text + ")";
        text += index.nulls_not_distinct ? " nulls not distinct" : "";
        text += index.included.empty() ? "" : " include " + list_of(index.included, m_words);
        text += index.predicate.empty() ? "" : " where " + expression(index.predicate);
        const bool usual = index.method.empty() || index.method == "btree";
        text += usual ? "" : " using " + index.method;
        add("index " + index.name, "index " + index.name, text);
    }

    [[nodiscard]] std::string referenced_columns(const ForeignKey& key) const {
        std::vector<std::string> columns = key.referenced_columns;
        if (columns.empty()) {
            const Table* table = m_schema.find_table(key.referenced_table);
            if (table != nullptr && table->primary_key) {
                columns = table->primary_key->columns;
            }
        }
        std::string out;
        for (const std::string& column : columns) {
            out += (out.empty() ? "" : ", ") + m_words.column_of(key.referenced_table, column);
        }
        return "(" + out + ")";
    }

    void describe_foreign_key(const ForeignKey& key) {
        const std::string columns = list_of(key.columns, m_words);
        std::string text =
            columns + " to " + m_words.table(key.referenced_table) + " " + referenced_columns(key);
        const auto action = [&](const char* when, ReferenceAction what) {
            text += what == ReferenceAction::no_action ? std::string() : when + std::string(to_string(what));
        };
        action(" on update ", key.on_update);
        action(" on delete ", key.on_delete);
        text += key.set_columns.empty() ? "" : " " + list_of(key.set_columns, m_words);
        // SQLite reads MATCH and does nothing about it.
        const bool simple =
            key.match.empty() || util::equals_ignore_case(key.match, "simple") || m_schema.engine == "sqlite";
        text += simple ? "" : " match " + util::lower_ascii(key.match);
        text += deferral(key.deferrable, key.initially_deferred);
        text += key.validated ? "" : " not valid";
        add("foreign key " + columns, "foreign key " + columns, text);
    }

    void describe_check(const Check& check) {
        std::string text = "check (" + expression(check.expression) + ")";
        text += check.validated ? "" : " not valid";
        text += check.no_inherit ? " no inherit" : "";
        add(check.name.empty() ? "a check" : "check " + check.name, "check " + check.name, text);
    }

    const Schema& m_schema;
    const Table& m_table;
    const Dictionary& m_words;
    const bool m_expressions;
    std::vector<DescribedObject> m_out;
};

/// What is said about a schema goes with whoever made the schema. An index or check that calls a function of
/// the database is a statement of its own in a plan; where it is made, it is its table's.
bool is_compared(const SchemaObject& object) {
    const auto about = object.properties.find("about_kind");
    return (about == object.properties.end() || about->second != "schema") && object.kind != "index" &&
           object.kind != "check";
}

/// CREATE OR REPLACE makes what CREATE makes.
std::string definition_of(const SchemaObject& object) {
    constexpr std::string_view k_replace = "CREATE OR REPLACE ";
    const std::string_view sql = util::trim(object.native_sql);
    return sql.starts_with(k_replace) ? "CREATE " + std::string(sql.substr(k_replace.size()))
                                      : std::string(sql);
}

std::string said(const DescribedObject& object) {
    return object.text.empty() ? "present" : object.text;
}

/// A definition that was made of another's text may be printed in another way.
bool same_when_settled(const std::string& a, const std::string& b) {
    constexpr std::string_view k_mark = "(ARRAY[";
    return (a.find(k_mark) != std::string::npos || b.find(k_mark) != std::string::npos) &&
           model::settle_array_casts(a) == model::settle_array_casts(b);
}

}  // namespace

const Column* find_column_any_case(const Table& table, const std::string& name) {
    if (const Column* exact = table.find_column(name)) {
        return exact;
    }
    const auto it = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& column) {
        return util::equals_ignore_case(column.name, name);
    });
    return it == table.columns.end() ? nullptr : &*it;
}

std::string Dictionary::column(const std::string& name) const {
    const Column* there = other == nullptr ? nullptr : find_column_any_case(*other, name);
    return there == nullptr ? name : there->name;
}

std::string Dictionary::table(const QualifiedName& name) const {
    const Table* here = nullptr;
    const Table* there = counterpart_of(*this, name, &here);
    return there == nullptr ? name.display() : there->name.display();
}

std::string Dictionary::column_of(const QualifiedName& name, const std::string& column) const {
    const Table* here = nullptr;
    const Table* there = counterpart_of(*this, name, &here);
    const Column* found = there == nullptr ? nullptr : find_column_any_case(*there, column);
    return found == nullptr ? column : found->name;
}

std::vector<DescribedObject> describe_constraints(const Schema& schema, const Table& table,
                                                  const Dictionary& words, bool with_expressions) {
    return ConstraintDescriber(schema, table, words, with_expressions).run();
}

std::vector<DescribedObject> describe_objects(const Schema& schema, bool with_definitions) {
    std::vector<DescribedObject> out;
    for (const SchemaObject& object : schema.objects) {
        if (!is_compared(object)) {
            continue;
        }
        std::string name = object.kind + " " + object.name.display();
        name += object.table.empty() ? "" : " on " + object.table;
        out.push_back({name, name, with_definitions ? name + ": " + definition_of(object) : name});
    }
    return out;
}

void match_objects(const std::string& prefix, std::vector<DescribedObject> expected,
                   std::vector<DescribedObject> found, bool whole, std::vector<SchemaDifference>& out) {
    const auto strike_pairs = [&](auto same, auto take) {
        for (auto it = expected.begin(); it != expected.end();) {
            const auto there = std::find_if(found.begin(), found.end(),
                                            [&](const DescribedObject& other) { return same(*it, other); });
            if (there == found.end()) {
                ++it;
                continue;
            }
            take(*it, *there);
            found.erase(there);
            it = expected.erase(it);
        }
    };
    strike_pairs([](const DescribedObject& a, const DescribedObject& b) { return a.text == b.text; },
                 [](const DescribedObject&, const DescribedObject&) {});
    strike_pairs(
        [](const DescribedObject& a, const DescribedObject& b) { return same_when_settled(a.text, b.text); },
        [](const DescribedObject&, const DescribedObject&) {});
    strike_pairs([](const DescribedObject& a, const DescribedObject& b) { return a.anchor == b.anchor; },
                 [&](const DescribedObject& a, const DescribedObject& b) {
                     out.push_back({SchemaDifference::Kind::changed, prefix + a.label, a.text, b.text});
                 });
    for (const DescribedObject& object : expected) {
        out.push_back({SchemaDifference::Kind::only_in_source, prefix + object.label, said(object), {}});
    }
    for (const DescribedObject& object : found) {
        if (whole) {
            out.push_back({SchemaDifference::Kind::only_in_target, prefix + object.label, {}, said(object)});
        }
    }
}

}  // namespace migrate::verify
