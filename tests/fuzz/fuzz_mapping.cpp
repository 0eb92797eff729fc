#include <string>

#include <migrate/migration_plan.hpp>

#include "fuzz/fuzz_input.hpp"
#include "fuzz/sample_schema.hpp"
#include "mapping/row_program.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping_file.hpp"

using namespace migrate;

namespace {

const std::string k_file = "m.yaml";

// A refusal names the file, and a line and column that it has.
bool parse(const std::string& text, MappingSpec& spec) {
    try {
        spec = cli::parse_mapping(text, k_file);
        return true;
    } catch (const Error& error) {
        fuzz::require(error.code() == ErrorCode::usage, "what a mapping file says wrong is wrong usage");
        fuzz::require(std::string_view(error.what()).starts_with(k_file + ":"), "a refusal says where");
        return false;
    }
}

// A plan that is saved has the mapping inside, unless it says nothing.
void check_plan(const MappingSpec& spec) {
    if (spec.empty()) {
        return;
    }
    static const MigrationPlan k_small =
        parse_plan(R"({"plan_version":1,"id":"0123456789ab","source":{"engine":"sqlite","tables":[]},)"
                   R"("target":{"engine":"json","tables":[]},"tables":[]})");
    MigrationPlan plan = k_small;
    plan.options.mapping = spec;
    fuzz::require(parse_plan(render_json(plan)).options.mapping == spec,
                  "a mapping that was saved in a plan is read as it was");
}

void run_input(const mapping::TableInput& input, const Schema& source, const Table& made) {
    fuzz::require(input.columns.size() == made.columns.size(), "every column has a source");
    const Table& table = source.tables[input.source];
    std::vector<mapping::RowOutput> outputs;
    for (std::size_t i = 0; i < made.columns.size(); ++i) {
        const mapping::ColumnSource& column = input.columns[i];
        fuzz::require(column.expression.empty() == (column.source != mapping::k_no_column),
                      "a column is one of the source's or is made by an expression");
        outputs.push_back({made.columns[i].name, column.source, column.expression});
    }
    const mapping::RowProgram program(table, input.where, std::move(outputs));
    if (input.source == 0 && !program.is_identity()) {
        RowBatch batch = fuzz::sample_rows(program.columns());
        mapping::RowProgram::Run(program).apply(batch);
        fuzz::check_values(batch, program.types());
    }
}

// What the checks let through can be done: every expression compiles and runs, every name is its own.
void check_against(const MappingSpec& spec, const Schema& source) {
    mapping::MappedSchema mapped;
    if (!fuzz::accepts([&] {
            mapping::check_mapping(spec, source);
            mapped = mapping::map_schema(spec, source);
        })) {
        return;
    }
    fuzz::require(mapped.tables.size() == mapped.schema.tables.size(), "every table has its inputs");
    for (std::size_t i = 0; i < mapped.tables.size(); ++i) {
        const Table& made = mapped.schema.tables[i];
        fuzz::require(&made == mapped.schema.find_table(made.name), "no two tables have one name");
        fuzz::require(!mapped.tables[i].inputs.empty(), "a table comes from somewhere");
        for (const mapping::TableInput& input : mapped.tables[i].inputs) {
            run_input(input, source, made);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Schema source = fuzz::sample_schema();
    MappingSpec spec;
    if (parse(std::string(fuzz::Input(data, size).rest()), spec)) {
        check_plan(spec);
        check_against(spec, source);
    }
    return 0;
}
