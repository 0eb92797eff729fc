#include "verify/stored_values.hpp"

#include <algorithm>

#include "util/ascii.hpp"

namespace migrate::verify {
namespace {

void take_as_stored(Column& column) {
    column.type = TypeKind::variant;
    column.format.clear();
}

bool read_alike(const Column& a, const Column& b) {
    return a.type.kind == b.type.kind && a.format == b.format;
}

}  // namespace

void compare_as_stored(Schema& a, Schema& b) {
    for (Table& table : a.tables) {
        const auto other = std::find_if(b.tables.begin(), b.tables.end(), [&](const Table& one) {
            return util::equals_ignore_case(one.name.name, table.name.name);
        });
        if (other == b.tables.end()) {
            continue;
        }
        for (Column& column : table.columns) {
            const auto same = std::find_if(
                other->columns.begin(), other->columns.end(),
                [&](const Column& one) { return util::equals_ignore_case(one.name, column.name); });
            if (same != other->columns.end() && !read_alike(column, *same) &&
                util::equals_ignore_case(column.native_type, same->native_type)) {
                take_as_stored(column);
                take_as_stored(*same);
            }
        }
    }
}

}  // namespace migrate::verify
