#include "backends/sqlite/reject.hpp"

#include <cmath>

#include "backends/sqlite/cell.hpp"
#include "model/row_json.hpp"
#include "model/value_text.hpp"
#include "util/base64.hpp"
#include "util/json_string.hpp"

namespace migrate::backends::sqlite {
namespace {

void append_value(const Cell& cell, std::string& out) {
    switch (cell.storage) {
        case Cell::Class::null:
            out += "null";
            break;
        case Cell::Class::integer:
            out += std::to_string(cell.integer);
            break;
        case Cell::Class::real: {
            std::string text;
            model::append_float64(cell.real, text);
            out += std::isfinite(cell.real) ? text : '"' + text + '"';
            break;
        }
        case Cell::Class::text:
            out += model::text_as_json(cell.bytes);
            break;
        case Cell::Class::blob:
            out += "{\"base64\":\"";
            util::append_base64(cell.bytes, out);
            out += "\"}";
            break;
    }
}

}  // namespace

std::string row_as_json(sqlite3_stmt* statement, const std::vector<std::string>& names) {
    std::string out = "{";
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += i == 0 ? "" : ",";
        util::append_json_string(names[i], out);
        out += ':';
        append_value(read_cell(statement, static_cast<int>(i)), out);
    }
    return out + "}";
}

}  // namespace migrate::backends::sqlite
