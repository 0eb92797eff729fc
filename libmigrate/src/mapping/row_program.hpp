#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "model/row_json.hpp"

namespace migrate::mapping {

/// Stands for the index of a column where there is none, because it is computed.
inline constexpr std::size_t k_no_column = static_cast<std::size_t>(-1);

/// One column that a program makes.
struct RowOutput {
    std::string name;                  ///< For rejects.
    std::size_t source = k_no_column;  ///< The source's column that it is, as it stands; else:
    std::string expression;
};

/// What is done with a table's rows between their reader and the conversion to the target's types: which
/// travel, and what their columns are. Immutable; safe to share between threads. A default one does nothing.
class RowProgram {
  public:
    RowProgram() = default;
    /// Throws: ExpressionError.
    RowProgram(const Table& table, const std::string& where, std::vector<RowOutput> outputs);

    /// The columns are read as they stand and every row travels: apply() need not be called.
    [[nodiscard]] bool is_identity() const noexcept { return m_code == nullptr; }
    [[nodiscard]] bool has_filter() const noexcept { return m_has_filter; }
    /// What to read: indexes into the table's columns.
    [[nodiscard]] const std::vector<std::size_t>& columns() const noexcept { return m_columns; }
    /// The types of the columns read, and of those made.
    [[nodiscard]] const std::vector<LogicalType>& read_types() const noexcept { return m_read.types; }
    [[nodiscard]] const std::vector<LogicalType>& types() const noexcept { return m_types; }
    [[nodiscard]] const std::vector<RowOutput>& outputs() const noexcept { return m_outputs; }

    /// One thread's run of a program over batches of one chunk. The program outlives it.
    class Run {
      public:
        explicit Run(const RowProgram& program);
        ~Run();
        Run(Run&&) noexcept;
        Run& operator=(Run&&) noexcept;
        /// Turns a batch of read rows into one of made rows. Rows that the filter leaves out are gone; rows
        /// that cannot be computed become rejects. Returns how many the filter left out.
        std::uint64_t apply(RowBatch& batch);

      private:
        struct State;
        std::unique_ptr<State> m_state;
    };

  private:
    struct Code;

    std::vector<std::size_t> m_columns;
    model::RowShape m_read;
    std::vector<LogicalType> m_types;
    std::vector<RowOutput> m_outputs;
    std::shared_ptr<const Code> m_code;
    bool m_has_filter = false;
};

}  // namespace migrate::mapping
