#include "backend/key_order.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>

namespace migrate::backend {
namespace {

/// Whose rows each table's rows need, by place; rings are told by what can be reached.
class KeyGraph {
  public:
    explicit KeyGraph(const std::vector<const Table*>& tables)
        : m_needs(tables.size()), m_firm(tables.size()) {
        std::map<QualifiedName, std::size_t> places;
        for (std::size_t i = 0; i < tables.size(); ++i) {
            places.emplace(tables[i]->name, i);
        }
        for (std::size_t i = 0; i < tables.size(); ++i) {
            for (const ForeignKey& key : tables[i]->foreign_keys) {
                const auto parent = places.find(key.referenced_table);
                if (parent == places.end() || parent->second == i) {
                    continue;
                }
                m_needs[i].insert(parent->second);
                if (!key.deferrable) {
                    m_firm[i].insert(parent->second);
                }
            }
        }
        for (std::size_t i = 0; i < tables.size(); ++i) {
            m_reached.push_back(reached_from(i));
        }
    }

    /// The first of the tables left that can come next.
    [[nodiscard]] std::size_t next(const std::vector<std::size_t>& left) const {
        // A key that cannot be deferred, in a ring of such keys, is met by no order at all: last the ring's
        // first table.
        for (const auto& needs : {m_needs, m_firm, std::vector<std::set<std::size_t>>(m_needs.size())}) {
            for (const std::size_t table : left) {
                const bool ready = std::none_of(left.begin(), left.end(), [&](std::size_t other) {
                    return needs[table].contains(other) ||
                           (m_needs[table].contains(other) && !ring(table, other));
                });
                if (ready) {
                    return table;
                }
            }
        }
        return left.front();
    }

  private:
    [[nodiscard]] bool ring(std::size_t a, std::size_t b) const {
        return m_reached[a].contains(b) && m_reached[b].contains(a);
    }

    [[nodiscard]] std::set<std::size_t> reached_from(std::size_t start) const {
        std::set<std::size_t> reached;
        std::vector<std::size_t> open{start};
        while (!open.empty()) {
            const std::size_t table = open.back();
            open.pop_back();
            for (const std::size_t parent : m_needs[table]) {
                if (reached.insert(parent).second) {
                    open.push_back(parent);
                }
            }
        }
        return reached;
    }

    std::vector<std::set<std::size_t>> m_needs;
    std::vector<std::set<std::size_t>> m_firm;  ///< Those of keys that cannot be deferred.
    std::vector<std::set<std::size_t>> m_reached;
};

}  // namespace

std::vector<const Table*> in_key_order(std::vector<const Table*> tables) {
    const KeyGraph graph(tables);
    std::vector<std::size_t> left(tables.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        left[i] = i;
    }
    std::vector<const Table*> order;
    while (!left.empty()) {
        const std::size_t next = graph.next(left);
        order.push_back(tables[next]);
        left.erase(std::find(left.begin(), left.end(), next));
    }
    return order;
}

}  // namespace migrate::backend
