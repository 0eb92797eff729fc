#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backend/backend.hpp"

namespace migrate::test {

/// "object: rows" of each rule that a database's rows break.
inline std::vector<std::string> broken_in(const backend::Backend& engine, const Endpoint& endpoint) {
    const auto source = engine.open_source(endpoint, {});
    source->pin_snapshot(1);
    std::vector<std::string> lines;
    for (const backend::BrokenRule& rule : source->broken_rules(source->read_schema({}).schema)) {
        CHECK_FALSE(rule.rule.empty());
        lines.push_back(rule.object() + ": " + std::to_string(rule.rows));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace migrate::test
