#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <migrate/schema.hpp>
#include <migrate/verification.hpp>

#include "backend/source.hpp"
#include "verify/digest_scan.hpp"

namespace migrate::verify {

/// Two tables that stand for each other, and in which columns and types they are compared.
struct TablePair {
    const Table* a = nullptr;
    const Table* b = nullptr;
    DigestTask task_a;
    DigestTask task_b;
    std::vector<std::string> names;  ///< Of the compared columns, as the source spells them.
    std::vector<std::size_t> key;    ///< Positions among them of the primary key; empty = none.
    std::vector<LogicalType> types;  ///< Comparison types.
    std::string note;                ///< Columns that could not be compared; empty if all could.
};

struct Pairing {
    std::vector<TablePair> pairs;
    std::vector<const Table*> only_a;
    std::vector<const Table*> only_b;
};

/// Pairs the tables of two schemas by name; `a_named` is `a` with the names the other side gives its tables
/// and columns (same tables, same columns, same order). The schemas outlive the pairing.
Pairing pair_tables(const Schema& a, const Schema& a_named, const Schema& b);

/// A pair of tables whose types are a plan's.
TablePair planned_pair(const Table& a, const Table& b, const std::vector<std::size_t>& columns_a,
                       const std::vector<std::size_t>& columns_b);

struct CompareContext {
    VerificationLevel level = VerificationLevel::standard;
    unsigned threads_a = 1;
    unsigned threads_b = 1;
    std::stop_token stop;
    std::function<void(const std::string& table, std::uint64_t rows)> progress;
};

/// Compares every pair, and names tables that only one side has.
VerificationReport compare(backend::Source& a, backend::Source& b, const Pairing& pairing,
                           const CompareContext& context);

}  // namespace migrate::verify
