#include <algorithm>
#include <string>

#include "backends/postgresql/native_type.hpp"
#include "backends/sqlite/declared_type.hpp"
#include "backends/sqlite/type_name.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace migrate;

namespace {

void check_declared(std::string_view text) {
    const auto type = backends::sqlite::read_type_name(text);
    // SQLite takes numbers in the parentheses; for it other words there would be a part of the name.
    const bool numbers =
        text.substr(std::min(text.find('('), text.size())).find_first_not_of("(0123456789,+- )") ==
        std::string_view::npos;
    fuzz::require(!numbers || type.name.empty() ||
                      backends::sqlite::read_type_name(type.name).affinity == type.affinity,
                  "a type's name alone has its affinity");
    (void)backends::sqlite::read_type_name(text, true);
}

void check_logical(std::string_view text) {
    const auto type = parse_logical_type(text);
    if (!type) {
        return;
    }
    const std::string spelled = to_string(*type);
    const auto again = parse_logical_type(spelled);
    fuzz::require(again.has_value(), "what is written for a type can be read");
    fuzz::require(to_string(*again) == spelled, "what is read for a type is written the same");
    backends::sqlite::declared_type_for(*type);
    backends::postgresql::native_type_of(*type);
}

void check_physical(fuzz::Input input) {
    using backends::postgresql::PhysicalType;
    PhysicalType type;
    for (int i = 0; i < 4; ++i) {
        type.oid = type.oid << 8U | input.byte();
        type.element_oid = type.element_oid << 8U | input.byte();
    }
    for (int i = 0; i < 4; ++i) {
        type.modifier =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(type.modifier) << 8U | input.byte());
        type.element_modifier =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(type.element_modifier) << 8U | input.byte());
    }
    type.category = "bcemra"[input.byte() % 6];
    type.element = input.take(input.byte() % 32U);
    type.spelling = input.rest();
    type.labels = {type.spelling, type.element};
    const LogicalType logical = backends::postgresql::logical_type_of(type);
    backends::postgresql::native_type_of(logical);
    backends::sqlite::declared_type_for(logical);
    to_string(logical);
}

}  // namespace

// The first byte says which of the three the rest is given to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.byte() % 3) {
        case 0:
            check_declared(input.rest());
            break;
        case 1:
            check_logical(input.rest());
            break;
        default:
            check_physical(input);
    }
    return 0;
}
