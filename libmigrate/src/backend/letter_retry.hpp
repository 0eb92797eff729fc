#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/dead_letter.hpp>
#include <migrate/row_batch.hpp>

namespace migrate::backend {

/// One transaction in which dead letters of a migration that is done become rows of its tables. Tables are
/// indexes into the target schema. Destroying it without commit() leaves everything as it was. What it writes
/// becomes part of what a rollback of the migration takes for the migration's own, unless others had changed
/// the table before. Used by one thread.
class LetterRetry {
  public:
    /// Where a letter stands among its table's.
    struct Place {
        std::int64_t chunk = 0;
        std::uint64_t ordinal = 0;
    };

    virtual ~LetterRetry() = default;

    /// The table's letters behind a place (nullopt = from the first), in order, at most so many.
    virtual std::vector<DeadLetter> letters(std::size_t table, const std::optional<Place>& after,
                                            std::size_t most) = 0;
    /// Puts one row into the table. The batch's columns are the table's copied columns in order.
    /// Throws: Error{row, constraint} where it does not fit; nothing of it is there then.
    virtual void insert(std::size_t table, const RowBatch& row) = 0;
    /// Gives the row of that primary key its values in these columns of the batch, all of which must be NULL
    /// now. Throws: Error{row, constraint} as insert(), also where there is no such row.
    virtual void fill(std::size_t table, const RowBatch& row, const std::vector<std::size_t>& columns) = 0;
    virtual void remove(std::size_t table, const DeadLetter& letter) = 0;
    /// Writes the letter's column and reason anew; its row stays.
    virtual void refuse(std::size_t table, const DeadLetter& letter) = 0;
    /// With the plan as the target keeps it from now on. Throws: CommitUnknownError.
    virtual void commit(const std::string& plan_json) = 0;
};

}  // namespace migrate::backend
