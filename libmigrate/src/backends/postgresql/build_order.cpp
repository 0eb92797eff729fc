#include "backends/postgresql/build_order.hpp"

#include <optional>
#include <string>
#include <utility>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/object_kind.hpp"

namespace migrate::backends::postgresql {
namespace {

using Step = backend::BuildStep;

/// Steps of one table wait for each other where their locks do: otherwise a session would wait instead.
class BuildOrder {
  public:
    explicit BuildOrder(const Schema& schema) : m_schema(schema), m_last(schema.tables.size()) {}

    std::vector<Step> steps() {
        for (std::size_t t = 0; t < m_schema.tables.size(); ++t) {
            if (m_schema.tables[t].placement != Placement::load) {
                add_own_steps(t);
            }
        }
        add_foreign_keys();
        add_validations();
        add_objects();
        for (std::size_t t = 0; t < m_schema.tables.size(); ++t) {
            add_last(Step::Kind::analyze, t, 0, "statistics of " + m_schema.tables[t].name.display());
        }
        return std::move(m_steps);
    }

  private:
    std::size_t add(Step::Kind kind, std::size_t table, std::size_t item, std::string description,
                    std::vector<std::size_t> after) {
        m_steps.push_back({kind, table, item, std::move(description), std::move(after), Step::Locks::nobody});
        return m_steps.size() - 1;
    }

    /// After all that is there of its table, and before what comes.
    void add_last(Step::Kind kind, std::size_t table, std::size_t item, std::string description,
                  Step::Locks locks = Step::Locks::nobody) {
        const std::size_t at = add(kind, table, item, std::move(description), m_last[table]);
        m_steps[at].locks = locks;
        m_last[table] = {at};
    }

    void add_own_steps(std::size_t t) {
        const Table& table = m_schema.tables[t];
        const std::string on = " on " + table.name.display();
        add_last(Step::Kind::settle, t, 0, "rows of " + table.name.display());
        if (table.primary_key) {
            add_last(Step::Kind::primary_key, t, 0, "primary key" + on, Step::Locks::readers);
        }
        for (std::size_t i = 0; i < table.unique_keys.size(); ++i) {
            add_last(Step::Kind::unique_key, t, i, "unique key " + table.unique_keys[i].name + on,
                     Step::Locks::readers);
        }
        add_indexes(t);
        for (std::size_t i = 0; i < table.checks.size(); ++i) {
            add_last(Step::Kind::check, t, i, "check " + table.checks[i].name + on, Step::Locks::readers);
        }
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].identity) {
                add_last(Step::Kind::sequence, t, i, "sequence of " + table.columns[i].name + on);
            }
        }
    }

    /// Side by side: their locks do not conflict.
    void add_indexes(std::size_t t) {
        const Table& table = m_schema.tables[t];
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < table.indexes.size(); ++i) {
            all.push_back(add(Step::Kind::index, t, i,
                              "index " + table.indexes[i].name + " on " + table.name.display(), m_last[t]));
        }
        if (!all.empty()) {
            m_last[t] = std::move(all);
        }
    }

    template <class Take>
    void each_foreign_key(Take take) {
        for (std::size_t t = 0; t < m_schema.tables.size(); ++t) {
            const Table& table = m_schema.tables[t];
            for (std::size_t i = 0; i < table.foreign_keys.size(); ++i) {
                // A key of or to a table that keeps its place is made, or there, when the rows are in it.
                if (table.placement != Placement::load &&
                    !points_to_loaded(m_schema, table.foreign_keys[i])) {
                    take(t, i);
                }
            }
        }
    }

    /// One after another: each locks two tables.
    void add_foreign_keys() {
        each_foreign_key([this](std::size_t t, std::size_t i) {
            const Table& table = m_schema.tables[t];
            const ForeignKey& key = table.foreign_keys[i];
            std::vector<std::size_t> after = m_last[t];
            if (const auto other = index_of(key.referenced_table); other && *other != t) {
                after.insert(after.end(), m_last[*other].begin(), m_last[*other].end());
            }
            if (m_last_key) {
                after.push_back(*m_last_key);
            }
            m_last_key = add(Step::Kind::foreign_key, t, i,
                             "foreign key " + key.name + " on " + table.name.display(), std::move(after));
        });
    }

    void add_validations() {
        for (std::vector<std::size_t>& last : m_last) {
            // Also of tables that no key touches, whose indexes may take longer than all keys.
            if (m_last_key) {
                last.push_back(*m_last_key);
            }
        }
        each_foreign_key([this](std::size_t t, std::size_t i) {
            const Table& table = m_schema.tables[t];
            const ForeignKey& key = table.foreign_keys[i];
            if (key.validated && is_validated_apart(table)) {
                add_last(Step::Kind::validate_foreign_key, t, i,
                         "rows of foreign key " + key.name + " on " + table.name.display());
            }
        });
    }

    void add_objects() {
        for (std::size_t i = 0; i < m_schema.objects.size(); ++i) {
            const SchemaObject& object = m_schema.objects[i];
            const bool built = object.kind == "exclusion constraint" || object.kind == "partition index" ||
                               object.kind == "partition constraint";
            if ((built && !is_code(object)) || object.kind == "sequence") {
                // Which table it is about is in its text only: it comes after all.
                std::vector<std::size_t> after;
                for (std::size_t before = 0; before < m_steps.size(); ++before) {
                    after.push_back(before);
                }
                const std::size_t at = add(Step::Kind::object, 0, i,
                                           object.kind + " " + object.name.display(), std::move(after));
                m_steps[at].locks =
                    object.kind == "sequence" ? Step::Locks::nobody : Step::Locks::readers_of_any;
                m_last.assign(m_last.size(), {at});
            }
        }
    }

    [[nodiscard]] std::optional<std::size_t> index_of(const QualifiedName& name) const {
        const Table* table = m_schema.find_table(name);
        return table == nullptr ? std::nullopt : std::optional<std::size_t>(table - m_schema.tables.data());
    }

    const Schema& m_schema;
    std::vector<Step> m_steps;
    std::vector<std::vector<std::size_t>> m_last;  ///< Of each table: what its next step comes after.
    std::optional<std::size_t> m_last_key;
};

}  // namespace

bool points_to_loaded(const Schema& schema, const ForeignKey& key) {
    const Table* referenced = schema.find_table(key.referenced_table);
    return referenced != nullptr && referenced->placement == Placement::load;
}

bool is_validated_apart(const Table& table) {
    return !table.properties.contains(property::k_partition_key);
}

std::vector<Step> build_steps_of(const Schema& schema) {
    return BuildOrder(schema).steps();
}

}  // namespace migrate::backends::postgresql
