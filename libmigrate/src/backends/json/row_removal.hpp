#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "backend/target.hpp"
#include "backends/json/key_reader.hpp"
#include "backends/json/staging.hpp"

namespace migrate::backends::json {

/// Takes rows that a key refuses out of staged tables: each becomes a dead letter, and what the checkpoints
/// say of the table is corrected.
class RowRemoval {
  public:
    /// Both are borrowed.
    RowRemoval(Staging& staging, const backend::TargetPlan& plan) : m_staging(staging), m_plan(plan) {}

    void remove(std::size_t table, Violators violators, const std::string& reason);
    [[nodiscard]] std::vector<backend::RemovedRows> take() { return std::exchange(m_removed, {}); }

  private:
    Staging& m_staging;
    const backend::TargetPlan& m_plan;
    std::vector<backend::RemovedRows> m_removed;
};

}  // namespace migrate::backends::json
