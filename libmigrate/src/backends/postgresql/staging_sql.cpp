#include "backends/postgresql/staging_sql.hpp"

#include <functional>

#include <fmt/format.h>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/merge.hpp"

namespace migrate::backends::postgresql {
namespace {

using Statements = std::vector<std::string>;

void append(Statements& to, Statements more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Types and tables in an order in which each comes after the types and row types that it is made of.
class CreationOrder {
  public:
    CreationOrder(const Schema& schema, const StagingNames& names) : m_names(names) {
        for (const SchemaObject& object : schema.objects) {
            if (is_staged_kind(object.kind)) {
                add(object.name, m_names.mentioned(object.native_sql), {ddl::create_object(object, names)});
                if (const auto multirange = multirange_of(object)) {
                    m_made_with[*multirange] = object.name;
                }
            }
        }
        for (const Table& table : schema.tables) {
            if (table.placement == Placement::load) {
                add(table.name, {}, {create_load_staging(table, names)});
                continue;
            }
            Statements statements = ddl::create_sequences(table, names);
            append(statements, ddl::create_table(table, names));
            append(statements, ddl::own_sequences(table, names));
            std::set<QualifiedName> needs;
            for (const Column& column : table.columns) {
                needs.merge(m_names.mentioned(column.native_type));
                needs.merge(m_names.mentioned(column.collation));
            }
            if (table.properties.contains(property::k_inherits_columns)) {
                needs.merge(m_names.mentioned(table.properties.at(property::k_inherits)));
            }
            add(table.name, std::move(needs), std::move(statements));
        }
    }

    Statements statements() {
        Statements all;
        for (std::size_t i = 0; i < m_items.size(); ++i) {
            visit(i, all);
        }
        return all;
    }

  private:
    struct Item {
        std::set<QualifiedName> needs;
        Statements statements;
        bool visited = false;
    };

    void add(const QualifiedName& name, std::set<QualifiedName> needs, Statements statements) {
        m_index[name] = m_items.size();
        m_items.push_back({std::move(needs), std::move(statements)});
    }

    void visit(std::size_t index, Statements& all) {
        if (std::exchange(m_items[index].visited, true)) {
            return;
        }
        for (const QualifiedName& need : m_items[index].needs) {
            const auto made_with = m_made_with.find(need);
            const auto found = m_index.find(made_with == m_made_with.end() ? need : made_with->second);
            if (found != m_index.end()) {
                visit(found->second, all);
            }
        }
        append(all, std::move(m_items[index].statements));
    }

    const StagingNames& m_names;
    std::vector<Item> m_items;
    std::map<QualifiedName, std::size_t> m_index;
    std::map<QualifiedName, QualifiedName> m_made_with;  ///< Multirange type → its range type.
};

/// Writes the ALTER statements that bring one thing after another home.
class Mover {
  public:
    explicit Mover(const StagingNames& names) : m_names(names) {}

    void move(const char* what, const QualifiedName& name) {
        const QualifiedName staged = m_names.staged(name);
        if (staged == name) {
            return;
        }
        const bool rename = m_names.place() == StagingNames::Place::prefixes;
        m_statements.push_back(fmt::format("ALTER {} {} {} {}", what, quote_name(staged),
                                           rename ? "RENAME TO" : "SET SCHEMA",
                                           quote_identifier(rename ? name.name : name.schema)));
    }

    Statements take() { return std::move(m_statements); }

  private:
    const StagingNames& m_names;
    Statements m_statements;
};

Statements move_all(const Schema& schema, const StagingNames& names) {
    Mover mover(names);
    for (const SchemaObject& object : schema.objects) {
        if (is_staged_kind(object.kind)) {
            mover.move(object_word(object.kind), object.name);
        }
    }
    for (const Table& table : schema.tables) {
        if (table.placement == Placement::load) {
            continue;
        }
        mover.move("TABLE", table.name);
        for (const Column& column : table.columns) {
            // SET SCHEMA takes a sequence that the column owns along; RENAME does not.
            const bool alone = column.properties.contains(property::k_sequence_not_owned);
            if (column.identity && (alone || names.place() == StagingNames::Place::prefixes)) {
                mover.move("SEQUENCE", sequence_of(table, column));
            }
        }
    }
    for (const SchemaObject& object : schema.objects) {
        if (object.kind == "partition") {
            mover.move("TABLE", object.name);
        }
    }
    return mover.take();
}

}  // namespace

const char* object_word(const std::string& kind) {
    return kind == "domain"      ? "DOMAIN"
           : kind == "collation" ? "COLLATION"
           : kind == "sequence"  ? "SEQUENCE"
                                 : "TYPE";
}

Statements staging_statements(const Schema& schema, const StagingNames& names) {
    Statements statements;
    if (names.place() == StagingNames::Place::schemas) {
        for (const auto& [destination, staging] : names.schemas()) {
            statements.push_back("CREATE SCHEMA " + quote_identifier(staging));
        }
    }
    append(statements, CreationOrder(schema, names).statements());
    for (const SchemaObject& object : schema.objects) {
        if (object.kind == "partition") {
            append(statements, ddl::create_partition(object, names));
        }
    }
    return statements;
}

Statements relocation_statements(const Schema& schema, const StagingNames& names) {
    Statements statements;
    const bool own_schemas = names.place() == StagingNames::Place::schemas;
    if (own_schemas) {
        for (const auto& [destination, staging] : names.schemas()) {
            statements.push_back("CREATE SCHEMA IF NOT EXISTS " + quote_identifier(destination));
        }
    }
    append(statements, move_all(schema, names));
    // Only now: a check that is added to a parent would be added to its children as well.
    for (const Table& table : schema.tables) {
        if (const auto parents = table.properties.find(property::k_inherits);
            table.placement != Placement::load && parents != table.properties.end() &&
            !table.properties.contains(property::k_inherits_columns)) {
            for (const std::string& parent : split_names(parents->second)) {
                statements.push_back(
                    fmt::format("ALTER TABLE {} INHERIT {}", quote_name(table.name), parent));
            }
        }
    }
    for (const Table& table : schema.tables) {
        if (table.placement == Placement::load) {
            statements.push_back("DROP TABLE " + quote_name(names.staged(table.name)));
        }
    }
    if (own_schemas) {
        for (const auto& [destination, staging] : names.schemas()) {
            statements.push_back("DROP SCHEMA " + quote_identifier(staging));
        }
    }
    return statements;
}

}  // namespace migrate::backends::postgresql
