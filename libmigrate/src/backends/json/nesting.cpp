#include "backends/json/nesting.hpp"

#include <algorithm>
#include <charconv>

#include <migrate/error.hpp>

namespace migrate::backends::json {

std::optional<std::size_t> copied_column(const Table& table, const std::string& name) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name == name && !table.columns[i].hidden && !table.columns[i].generated) {
            return i;
        }
    }
    return std::nullopt;
}

std::vector<std::string> referenced_columns(const ForeignKey& key, const Table& parent) {
    if (!key.referenced_columns.empty()) {
        return key.referenced_columns;
    }
    return parent.primary_key ? parent.primary_key->columns : std::vector<std::string>();
}

namespace {

[[noreturn]] void malformed(const Table& table) {
    throw Error(ErrorCode::malformed,
                "the manifest's word on where the rows of " + table.name.display() + " stand makes no sense");
}

void place(const std::vector<const Table*>& tables, std::size_t index, NestNode& node) {
    const Table& table = *tables[index];
    const auto by = table.properties.find(k_nested_by_property);
    if (by == table.properties.end()) {
        return;
    }
    std::size_t key = 0;
    const auto read = std::from_chars(by->second.data(), by->second.data() + by->second.size(), key);
    const auto member = table.properties.find(k_member_property);
    if (read.ec != std::errc() || key >= table.foreign_keys.size() || member == table.properties.end()) {
        malformed(table);
    }
    const ForeignKey& reference = table.foreign_keys[key];
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if (tables[i]->name == reference.referenced_table) {
            node.parent = i;
        }
    }
    const std::vector<std::string> referenced =
        node.parent ? referenced_columns(reference, *tables[*node.parent]) : std::vector<std::string>();
    if (referenced.empty() || referenced.size() != reference.columns.size()) {
        malformed(table);
    }
    node.member = member->second;
    for (std::size_t i = 0; i < referenced.size(); ++i) {
        const auto from = copied_column(table, reference.columns[i]);
        const auto to = copied_column(*tables[*node.parent], referenced[i]);
        if (!from || !to) {
            malformed(table);
        }
        node.columns.push_back(*from);
        node.referenced.push_back(*to);
    }
}

}  // namespace

std::vector<NestNode> nest_tree(const std::vector<const Table*>& tables) {
    std::vector<NestNode> nodes(tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        place(tables, i, nodes[i]);
    }
    for (std::size_t i = 0; i < tables.size(); ++i) {
        std::size_t steps = 0;
        for (auto at = nodes[i].parent; at; at = nodes[*at].parent) {
            if (++steps > nodes.size()) {
                malformed(*tables[i]);
            }
        }
        if (nodes[i].parent) {
            nodes[*nodes[i].parent].children.push_back(i);
        }
    }
    return nodes;
}

std::vector<std::size_t> chain_to(const std::vector<NestNode>& nodes, std::size_t node) {
    std::vector<std::size_t> chain{node};
    while (nodes[chain.front()].parent) {
        chain.insert(chain.begin(), *nodes[chain.front()].parent);
    }
    return chain;
}

}  // namespace migrate::backends::json
