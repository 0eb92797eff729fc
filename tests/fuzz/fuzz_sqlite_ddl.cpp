#include "backends/sqlite/create_index_parser.hpp"
#include "backends/sqlite/create_table_parser.hpp"
#include "backends/sqlite/reference_parser.hpp"
#include "backends/sqlite/type_name.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace migrate;
using namespace migrate::backends::sqlite;

namespace {

void check_table(std::string_view sql) {
    const TableParseResult result = parse_create_table(sql);
    fuzz::require(bool(result) != result.error.has_value(), "a definition is either read or an error");
    if (!result) {
        fuzz::require(result.error->position <= sql.size(), "an error is within the text");
        return;
    }
    for (const ColumnDefinition& column : result.table->columns) {
        fuzz::require(result.table->find_column(column.name) != nullptr, "a column is found by its name");
        (void)read_type_name(column.type, result.table->strict);
    }
}

void check_index(std::string_view sql) {
    const auto is_column = [](std::string_view name) { return name.size() < 3; };
    const IndexParseResult result = parse_create_index(sql, is_column);
    fuzz::require(bool(result) != result.error.has_value(), "a definition is either read or an error");
}

void check_reference(std::string_view sql) {
    model::TokenCursor cursor(sql, Dialect::sqlite);
    ReferenceClause reference;
    parse_reference(cursor, reference);
}

}  // namespace

// The first byte says which of the three the rest is given to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.byte() % 3) {
        case 0:
            check_table(input.rest());
            break;
        case 1:
            check_index(input.rest());
            break;
        default:
            check_reference(input.rest());
    }
    return 0;
}
