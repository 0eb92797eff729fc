#include "backends/postgresql/object_kind.hpp"

#include <algorithm>
#include <array>

#include "backends/postgresql/catalog.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr std::array<std::string_view, 10> k_code{
    "view",         "materialized view", "materialized view index",
    "function",     "procedure",         "trigger",
    "rule",         "aggregate",         "operator",
    "event trigger"};
constexpr std::array<std::string_view, 5> k_structure{"statistics", "policy", "exclusion constraint",
                                                      "partition index", "partition constraint"};

}  // namespace

bool is_code(const SchemaObject& object) {
    return std::find(k_code.begin(), k_code.end(), object.kind) != k_code.end() ||
           object.properties.contains(property::k_calls_code);
}

bool is_structure_kind(std::string_view kind) noexcept {
    return std::find(k_structure.begin(), k_structure.end(), kind) != k_structure.end();
}

bool is_detail(const SchemaObject& object) {
    return object.properties.contains(property::k_about_kind);
}

}  // namespace migrate::backends::postgresql
