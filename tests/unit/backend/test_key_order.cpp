#include <algorithm>

#include <catch2/catch.hpp>

#include "backend/key_order.hpp"

namespace {

using namespace migrate;

struct Reference {
    std::string from;
    std::string to;
    bool deferrable = false;
};

/// The tables a, b, c… in key order, as one word.
std::string order_of(const std::string& names, const std::vector<Reference>& references) {
    std::vector<Table> tables;
    for (const char name : names) {
        tables.emplace_back().name.name = std::string(1, name);
    }
    for (const Reference& reference : references) {
        for (Table& table : tables) {
            if (table.name.name == reference.from) {
                ForeignKey& key = table.foreign_keys.emplace_back();
                key.referenced_table.name = reference.to;
                key.deferrable = reference.deferrable;
            }
        }
    }
    std::vector<const Table*> pointers;
    for (const Table& table : tables) {
        pointers.push_back(&table);
    }
    std::string order;
    for (const Table* table : backend::in_key_order(pointers)) {
        order += table->name.name;
    }
    return order;
}

}  // namespace

TEST_CASE("key order: parents come first, the rest as it stands", "[backend][existing]") {
    CHECK(order_of("abc", {}) == "abc");
    CHECK(order_of("abc", {{"a", "c"}, {"c", "b"}}) == "bca");
    CHECK(order_of("ab", {{"a", "a"}, {"a", "elsewhere"}}) == "ab");
}

TEST_CASE("key order: a ring of keys comes after what it needs and before what needs it",
          "[backend][existing][regress]") {
    // As in Sakila: store and staff name each other, customer names store, both need address.
    CHECK(order_of("cstAx", {{"c", "s"}, {"s", "t", true}, {"t", "s", true}, {"s", "A"}, {"t", "A"}}) ==
          "Axsct");
    CHECK(order_of("cst", {{"c", "s"}, {"s", "t", true}, {"t", "s", true}}) == "sct");
}

TEST_CASE("key order: in a ring a key that cannot be deferred is met before one that can",
          "[backend][existing]") {
    CHECK(order_of("ab", {{"a", "b", false}, {"b", "a", true}}) == "ba");
    CHECK(order_of("ab", {{"a", "b", true}, {"b", "a", false}}) == "ab");
    CHECK(order_of("abc", {{"a", "b"}, {"b", "c"}, {"c", "a", true}}) == "cba");
    CHECK(order_of("ab", {{"a", "b"}, {"b", "a"}}) == "ab");
}
