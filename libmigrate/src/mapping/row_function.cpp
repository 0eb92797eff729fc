#include "mapping/row_function.hpp"

namespace migrate::mapping {

LogicalType type_of_letter(char letter) {
    switch (letter) {
        case 'y':
            return TypeKind::bytes;
        case 'i':
            return TypeKind::int64;
        case 'n':
            return TypeKind::decimal;
        case 'f':
            return TypeKind::float64;
        case 'b':
            return TypeKind::boolean;
        case 'd':
            return TypeKind::date;
        case 'm':
            return TypeKind::time;
        case 's':
            return TypeKind::timestamp;
        case 'z':
            return TypeKind::timestamp_tz;
        case 'v':
            return TypeKind::variant;
        default:
            return TypeKind::text;
    }
}

Arguments take_arguments(const RowNode& node, RowState& state, std::span<Cell> cells) {
    bool null = false;
    for (std::size_t i = 0; i < node.children.size() && i < cells.size(); ++i) {
        if (!node.children[i](state, cells[i])) {
            return Arguments::failed;
        }
        null = null || cells[i].null;
    }
    return null ? Arguments::null : Arguments::go;
}

}  // namespace migrate::mapping
