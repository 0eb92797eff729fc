#include <string>

#include "fuzz/fuzz_input.hpp"
#include "fuzz/sample_schema.hpp"
#include "mapping/conversion.hpp"
#include "mapping/row_compiler.hpp"
#include "mapping/row_program.hpp"
#include "model/canonical.hpp"

using namespace migrate;
using mapping::RowProgram;

namespace {

RowProgram compile(const Table& table, const std::string& where, const std::string& expression) {
    std::vector<mapping::RowOutput> outputs(2);
    outputs[0].name = "id";
    outputs[0].source = 0;
    outputs[1].name = "made";
    outputs[1].expression = expression;
    try {
        return {table, where, std::move(outputs)};
    } catch (const mapping::ExpressionError& error) {
        fuzz::require(error.offset() <= std::max(where.size(), expression.size()),
                      "an error is within the text");
        throw;
    }
}

std::string text_of(const RowBatch& batch) {
    std::string text;
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
        model::append_canonical_row(batch, row, text);
    }
    for (const RejectedRow& reject : batch.rejects) {
        fuzz::require(!reject.reason.empty(), "a reject says why");
        text += reject.reason + reject.row;
    }
    return text;
}

// Each row by itself gives what all of them gave: nothing of a row is left behind for the next.
void check_rows(const RowProgram& program) {
    RowBatch together = fuzz::sample_rows(program.columns());
    RowProgram::Run run(program);
    std::uint64_t filtered = run.apply(together);
    fuzz::require(together.row_count() + together.rejects.size() + filtered == fuzz::k_sample_rows,
                  "every row travels, is filtered or is rejected");
    fuzz::check_values(together, program.types());
    std::string rows;
    std::string rejects;
    const RowBatch sample = fuzz::sample_rows(program.columns());
    for (std::size_t row = 0; row < fuzz::k_sample_rows; ++row) {
        RowBatch alone = sample.slice(row, row + 1);
        filtered -= RowProgram::Run(program).apply(alone);
        (alone.rejects.empty() ? rows : rejects) += text_of(alone);
    }
    fuzz::require(filtered == 0 && rows + rejects == text_of(together), "a row alone gives the same");
}

// A value that is converted and back again, where both can be done, is what it was.
void check_conversions(const RowProgram& program, const LogicalType& to) {
    RowBatch batch = fuzz::sample_rows(program.columns());
    RowProgram::Run(program).apply(batch);
    const LogicalType& from = program.types()[1];
    if (!mapping::convertible(from, to)) {
        return;
    }
    std::string scratch;
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
        ColumnVector converted(to.kind);
        if (!batch.columns[1].is_null(row) &&
            mapping::convert_value(batch.columns[1], row, from, to, converted, scratch)) {
            fuzz::require(converted.size() == 1, "a value converted is one value");
        } else {
            fuzz::require(converted.size() == 0, "a value that cannot be converted leaves nothing behind");
        }
    }
}

}  // namespace

// A byte that says how the expression is used, then the expression.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Table table = fuzz::sample_table();
    fuzz::Input input(data, size);
    const std::uint8_t use = input.byte();
    const std::string text(input.rest());
    if (text.empty()) {
        return 0;
    }
    fuzz::accepts([&] {
        const RowProgram program = use % 4 == 0 ? compile(table, text, "small") : compile(table, {}, text);
        check_rows(program);
        check_conversions(program, fuzz::sample_columns()[use % fuzz::sample_columns().size()].type);
    });
    return 0;
}
