#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <migrate/schema.hpp>
#include <migrate/verification.hpp>

#include "backend/source.hpp"
#include "mapping/schema_mapping.hpp"
#include "verify/digest_scan.hpp"

namespace migrate::verify {

/// Two tables that stand for each other, and in which columns and types they are compared. Side a may be
/// several tables that the mapping merges.
struct TablePair {
    const Table* a = nullptr;  ///< As the mapping has it.
    const Table* b = nullptr;
    std::string name_a;               ///< As the source names it, or them.
    std::vector<DigestTask> tasks_a;  ///< One per table of the source.
    DigestTask task_b;
    std::vector<std::string> names;  ///< Of the compared columns, as the source spells them.
    std::vector<std::size_t> key;    ///< Positions among them of the primary key; empty = none.
    std::vector<LogicalType> types;  ///< Comparison types.
    std::string note;                ///< Columns that could not be compared; empty if all could.
    bool two_engines = false;        ///< The sides are of different engines.
};

struct Pairing {
    std::vector<TablePair> pairs;
    std::vector<const Table*> only_a;
    std::vector<const Table*> only_b;
};

/// Pairs the tables of two schemas by name; `mapped` is `a` as the mapping has it, and `named` that with the
/// names the other side gives its tables and columns (same tables, same columns, same order). All of them
/// outlive the pairing.
Pairing pair_tables(const Schema& a, const mapping::MappedSchema& mapped, const Schema& named,
                    const Schema& b);

struct CompareContext {
    VerificationLevel level = VerificationLevel::standard;
    unsigned threads_a = 1;
    unsigned threads_b = 1;
    std::stop_token stop;
    std::function<void(const std::string& table, std::uint64_t rows)> progress;
    util::RateLimit* rate = nullptr;  ///< Of what is read on both sides; null = none.
    util::PauseGate* gate = nullptr;  ///< Null = the comparison cannot be paused.
    bool text_a = false;              ///< Capabilities::text_route of both sides, for level forensic.
    bool text_b = false;
};

/// Compares every pair, and names tables that only one side has.
VerificationReport compare(backend::Source& a, backend::Source& b, const Pairing& pairing,
                           const CompareContext& context);

}  // namespace migrate::verify
