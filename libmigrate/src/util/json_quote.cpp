#include "util/json_quote.hpp"

#include "util/hex.hpp"
#include "util/utf8.hpp"

namespace migrate::util {

void append_json_quoted(std::string_view text, std::string& out) {
    out += '"';
    while (!text.empty()) {
        const Utf8Character character = decode_utf8(text);
        if (character.size == 0) {
            out += "\xef\xbf\xbd";
            text.remove_prefix(1);
            continue;
        }
        if (character.code < 0x20) {
            out += "\\u00";
            append_hex(text.substr(0, 1), out);
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

}  // namespace migrate::util
