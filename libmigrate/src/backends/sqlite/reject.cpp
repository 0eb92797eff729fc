#include "backends/sqlite/reject.hpp"

#include <cmath>

#include "backends/sqlite/cell.hpp"
#include "model/value_text.hpp"
#include "util/base64.hpp"
#include "util/hex.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::sqlite {
namespace {

void append_string(std::string_view text, std::string& out) {
    out += '"';
    while (!text.empty()) {
        const util::Utf8Character character = util::decode_utf8(text);
        if (character.size == 0) {
            out += "\xef\xbf\xbd";
            text.remove_prefix(1);
            continue;
        }
        if (character.code < 0x20) {
            out += "\\u00";
            util::append_hex(text.substr(0, 1), out);
        } else {
            if (character.code == '"' || character.code == '\\') {
                out += '\\';
            }
            out.append(text.substr(0, character.size));
        }
        text.remove_prefix(character.size);
    }
    out += '"';
}

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
            append_string(cell.bytes, out);
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
        append_string(names[i], out);
        out += ':';
        append_value(read_cell(statement, static_cast<int>(i)), out);
    }
    return out + "}";
}

}  // namespace migrate::backends::sqlite
