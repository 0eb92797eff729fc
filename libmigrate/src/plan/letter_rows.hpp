#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <migrate/dead_letter.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/row_batch.hpp>

#include "mapping/conversion.hpp"
#include "mapping/row_program.hpp"
#include "plan/json_tree.hpp"

namespace migrate::plan {

/// What a dead letter's row is for its table, or why it is no row of it.
struct LetterRow {
    RowBatch batch;  ///< One row of the table's copied columns, in order; empty if there is a reason.
    std::vector<std::size_t> columns;  ///< Those that the letter names: where a row that was kept has NULL.
    std::string column;                ///< That does not fit; empty where it is the row as a whole.
    std::string reason;                ///< Without values; empty where there is a row.
};

/// The rows of one target table's dead letters, as values: read back from the JSON that model::row_as_json()
/// and the readers have written, and taken the rest of the way that they had come.
class LetterRows {
  public:
    /// `table`: index into the plan's target schema. The plan outlives it.
    LetterRows(const MigrationPlan& plan, std::size_t table);

    [[nodiscard]] LetterRow read(const DeadLetter& letter) const;

  private:
    /// How far rows with these columns had come.
    struct Form {
        enum class Stage : std::uint8_t { read, computed, converted };
        Stage stage = Stage::converted;
        std::vector<std::string> names;
        std::vector<LogicalType> types;
        mapping::RowProgram program;   ///< Of the way that is left; nothing where it is converted.
        mapping::Transform transform;  ///< Likewise.
    };

    void add_forms(const TablePlan& way);
    [[nodiscard]] std::vector<const Form*> forms_of(const JsonTree& row, const DeadLetter& letter) const;
    [[nodiscard]] static LetterRow take(const Form& form, const JsonTree& row, bool any_text);
    static void go_on(const Form& form, LetterRow& row);
    void find_columns(const DeadLetter& letter, LetterRow& row) const;

    const MigrationPlan& m_plan;
    const Table& m_table;
    std::vector<std::string> m_copied;  ///< The table's copied columns.
    std::vector<Form> m_forms;          ///< The converted one first.
    bool m_computes = false;  ///< Values are changed on the way, so that forms of one look hold other values.
};

/// True where a row that somebody mended has another value than it had in a column that is not among
/// `columns`, as a letter names them. Nothing is said of texts that are no JSON objects.
bool changes_others(const std::string& row, const std::string& mended, const std::string& columns);

}  // namespace migrate::plan
