#include "mapping/row_program.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "mapping/row_compiler.hpp"
#include "mapping/row_node.hpp"

namespace migrate::mapping {

struct RowProgram::Code {
    std::optional<RowNode> where;
    std::vector<RowNode> outputs;
    RowState fresh;  ///< Room that each run copies.
};

namespace {

enum class Fate : std::uint8_t { travels, filtered, rejected };

RejectedRow reject(const RowBatch& batch, std::size_t row, const model::RowShape& shape,
                   const std::string& column, const std::string& reason) {
    RejectedRow out;
    out.ordinal = batch.ordinals()[row];
    out.key = model::key_as_text(batch, row, shape);
    out.column = column;
    out.reason = reason;
    out.row = model::row_as_json(batch, row, shape);
    return out;
}

}  // namespace

struct RowProgram::Run::State {
    const RowProgram& program;
    RowState rows;
    std::vector<Cell> cells;  ///< The row that is being made.

    Fate compute(std::size_t row, std::vector<RejectedRow>& rejects);
};

RowProgram::RowProgram(const Table& table, const std::string& where, std::vector<RowOutput> outputs)
    : m_outputs(std::move(outputs)), m_has_filter(!where.empty()) {
    auto code = std::make_shared<Code>();
    RowCompiler compiler(table);
    bool plain = where.empty();
    for (const RowOutput& output : m_outputs) {
        if (!output.expression.empty()) {
            plain = false;
            code->outputs.push_back(compiler.compile(output.expression));
            continue;
        }
        RowNode node;
        node.evaluate = &evaluate_column;
        node.type = table.columns.at(output.source).type;
        node.column = compiler.use_column(output.source);
        code->outputs.push_back(std::move(node));
    }
    if (!where.empty()) {
        code->where = compiler.compile_condition(where);
    }
    for (const RowNode& node : code->outputs) {
        m_types.push_back(node.type);
    }
    if (compiler.columns().empty()) {
        // Rows have to be counted by something.
        const auto first = std::find_if(table.columns.begin(), table.columns.end(),
                                        [](const Column& column) { return !column.hidden; });
        if (first != table.columns.end()) {
            compiler.use_column(static_cast<std::size_t>(first - table.columns.begin()));
        }
    }
    m_columns = compiler.columns();
    for (const std::size_t column : m_columns) {
        const std::string& name = table.columns[column].name;
        const auto& key = table.primary_key;
        if (key && std::find(key->columns.begin(), key->columns.end(), name) != key->columns.end()) {
            m_read.key.push_back(m_read.names.size());
        }
        m_read.names.push_back(name);
        m_read.types.push_back(table.columns[column].type);
    }
    // One column twice is read once, so that even a program without expressions has something to do.
    plain = plain && m_columns.size() == m_outputs.size();
    code->fresh = compiler.make_state();
    if (!plain) {
        m_code = std::move(code);
    }
}

RowProgram::Run::Run(const RowProgram& program)
    : m_state(std::make_unique<State>(
          State{program, program.m_code == nullptr ? RowState() : program.m_code->fresh, {}})) {}
RowProgram::Run::~Run() = default;
RowProgram::Run::Run(Run&&) noexcept = default;
RowProgram::Run& RowProgram::Run::operator=(Run&&) noexcept = default;

std::uint64_t RowProgram::Run::apply(RowBatch& batch) {
    const RowProgram& program = m_state->program;
    if (program.is_identity()) {
        return 0;
    }
    RowBatch made;
    std::vector<TypeKind> kinds;
    for (const LogicalType& type : program.m_types) {
        kinds.push_back(type.kind);
    }
    made.reset(kinds);
    m_state->rows.batch = &batch;
    m_state->cells.resize(program.m_outputs.size());
    std::vector<RejectedRow> rejects;
    std::uint64_t filtered = 0;
    std::size_t travelling = 0;
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
        switch (m_state->compute(row, rejects)) {
            case Fate::filtered:
                ++filtered;
                break;
            case Fate::travels:
                for (std::size_t c = 0; c < m_state->cells.size(); ++c) {
                    append_cell(m_state->cells[c], made.columns[c]);
                }
                ++travelling;
                break;
            case Fate::rejected:
                break;
        }
    }
    batch.columns = std::move(made.columns);
    batch.bare_rows = travelling;
    std::move(rejects.begin(), rejects.end(), std::back_inserter(batch.rejects));
    return filtered;
}

Fate RowProgram::Run::State::compute(std::size_t row, std::vector<RejectedRow>& rejects) {
    const Code& code = *program.m_code;
    rows.row = row;
    if (code.where) {
        Cell truth;
        if (!(*code.where)(rows, truth)) {
            rejects.push_back(reject(*rows.batch, row, program.m_read, {},
                                     "its filter cannot be computed: " + rows.reason));
            return Fate::rejected;
        }
        if (truth.null || truth.fixed == 0) {
            return Fate::filtered;
        }
    }
    for (std::size_t c = 0; c < cells.size(); ++c) {
        if (!code.outputs[c](rows, cells[c])) {
            rejects.push_back(
                reject(*rows.batch, row, program.m_read, program.m_outputs[c].name, rows.reason));
            return Fate::rejected;
        }
    }
    return Fate::travels;
}

}  // namespace migrate::mapping
