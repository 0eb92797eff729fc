#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include <migrate/schema.hpp>
#include <migrate/verification.hpp>

#include "backend/source.hpp"

namespace migrate::verify {

/// Two tables that stand for each other.
struct TimedTable {
    const Table* a = nullptr;
    const Table* b = nullptr;
    std::string name;  ///< For the result.
};

/// Which queries both sides can answer.
struct TimedSides {
    backend::Source& a;
    backend::Source& b;
    bool find_rows = true;  ///< Both sides' readers take keys (Capabilities::finds_rows).
};

/// Times the same queries on both sides, of the largest tables: rows by keys that are taken from the first
/// rows of `a`, rows between two of them, a count of all. A table without a primary key, or with one of types
/// that the two sides spell in different ways, is only counted. Throws: Error of either side;
/// Error{cancelled}.
std::vector<QueryTiming> time_queries(const TimedSides& sides, std::vector<TimedTable> tables,
                                      const std::stop_token& stop);

}  // namespace migrate::verify
