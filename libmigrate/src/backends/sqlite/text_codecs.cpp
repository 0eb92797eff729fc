#include <algorithm>
#include <cstring>

#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/json_text.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"
#include "util/byte_order.hpp"
#include "util/utf8.hpp"

/// Text, bytes and all kinds that travel as text, as SQLite holds them.
namespace migrate::backends::sqlite {
namespace {

/// A text of so many characters that blanks fill it up.
bool append_filled(std::string_view text, std::int64_t characters, ColumnVector& out) {
    const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(characters, 0));
    const std::uint64_t there = util::count_utf8(text);
    if (there > wanted) {
        return false;
    }
    std::string filled(text);
    filled.append(wanted - there, ' ');
    out.append_bytes(filled);
    return true;
}

bool decode_text(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::text) {
        return false;
    }
    if (codec.type().fixed_length && codec.type().kind == TypeKind::text) {
        return append_filled(cell.bytes, codec.type().limit, out);
    }
    out.append_bytes(cell.bytes);
    return true;
}

bool decode_valid(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    return util::find_invalid_utf8(cell.bytes) == cell.bytes.size() && decode_text(codec, cell, out);
}

bool encode_text(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                 std::string& /*scratch*/) {
    out = Cell::of_text(column.bytes(row));
    return true;
}

/// The text with each byte that is no part of a UTF-8 character replaced by U+FFFD.
std::string replaced(std::string_view rest) {
    std::string text;
    while (!rest.empty()) {
        const std::size_t good = util::find_invalid_utf8(rest);
        text.append(rest.substr(0, good));
        rest.remove_prefix(good);
        if (!rest.empty()) {
            text += "\xef\xbf\xbd";
            rest.remove_prefix(1);
        }
    }
    return text;
}

bool decode_replacing(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::text) {
        return false;
    }
    out.append_bytes(replaced(cell.bytes));
    return true;
}

bool decode_blob(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::blob) {
        return false;
    }
    out.append_bytes(cell.bytes);
    return true;
}

bool encode_blob(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                 std::string& /*scratch*/) {
    out = Cell::of_blob(column.bytes(row));
    return true;
}

bool decode_by_text(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    return cell.storage == Cell::Class::text && model::append_from_text(out, codec.type(), cell.bytes);
}

bool encode_by_text(const ColumnCodec& codec, const ColumnVector& column, std::size_t row, Cell& out,
                    std::string& scratch) {
    scratch.clear();
    model::append_text(column, row, codec.type(), scratch);
    out = Cell::of_text(scratch);
    return true;
}

bool decode_json(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::text || !is_json(cell.bytes)) {
        return false;
    }
    out.append_bytes(cell.bytes);
    return true;
}

bool decode_json_number(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::integer) {
        return decode_json(codec, cell, out);
    }
    out.append_bytes(std::to_string(cell.integer));
    return true;
}

bool encode_json_number(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                        std::string& /*scratch*/) {
    std::int64_t value = 0;
    out = model::read_int64(column.bytes(row), value) ? Cell::of_integer(value)
                                                      : Cell::of_text(column.bytes(row));
    return true;
}

bool decode_array(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    std::string literal;
    if (cell.storage != Cell::Class::text || codec.type().element == nullptr ||
        !model::array_from_json(cell.bytes, *codec.type().element, literal)) {
        return false;
    }
    out.append_bytes(literal);
    return true;
}

bool encode_array(const ColumnCodec& codec, const ColumnVector& column, std::size_t row, Cell& out,
                  std::string& scratch) {
    scratch.clear();
    const bool is_written = codec.type().element != nullptr &&
                            model::array_to_json(column.bytes(row), *codec.type().element, scratch);
    out = Cell::of_text(scratch);
    return is_written;
}

bool decode_uuid(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    std::string bytes;
    if (cell.storage != Cell::Class::text || !model::read_uuid(cell.bytes, bytes)) {
        return false;
    }
    out.append_bytes(bytes);
    return true;
}

bool encode_uuid(const ColumnCodec& codec, const ColumnVector& column, std::size_t row, Cell& out,
                 std::string& scratch) {
    scratch.clear();
    model::append_uuid(column.bytes(row), scratch);
    if (codec.format() == "upper") {
        for (char& c : scratch) {
            c = util::to_upper(c);
        }
    } else if (codec.format() == "hex") {
        std::erase(scratch, '-');
    }
    out = Cell::of_text(scratch);
    return true;
}

bool decode_uuid_hex(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    if (cell.bytes.size() != 32) {
        return false;
    }
    std::string text(cell.bytes);
    for (const std::size_t hyphen : {8U, 13U, 18U, 23U}) {
        text.insert(hyphen, 1, '-');
    }
    return cell.storage == Cell::Class::text && decode_uuid(codec, Cell::of_text(text), out);
}

bool decode_uuid_blob(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    return cell.bytes.size() == 16 && decode_blob(codec, cell, out);
}

char class_byte(Cell::Class storage) {
    switch (storage) {
        case Cell::Class::integer:
            return 'i';
        case Cell::Class::real:
            return 'r';
        case Cell::Class::text:
            return 't';
        default:
            return 'b';
    }
}

bool decode_variant(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    const bool is_number = cell.storage == Cell::Class::integer || cell.storage == Cell::Class::real;
    char* room = out.append_room(1 + (is_number ? sizeof(std::int64_t) : cell.bytes.size()));
    *room = class_byte(cell.storage);
    if (is_number) {
        util::store_big(room + 1, cell.storage == Cell::Class::integer
                                      ? cell.integer
                                      : std::bit_cast<std::int64_t>(cell.real));
    } else if (!cell.bytes.empty()) {
        std::memcpy(room + 1, cell.bytes.data(), cell.bytes.size());
    }
    return true;
}

bool decode_variant_replacing(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::text || util::is_valid_utf8(cell.bytes)) {
        return decode_variant(codec, cell, out);
    }
    const std::string text = replaced(cell.bytes);
    return decode_variant(codec, Cell::of_text(text), out);
}

bool decode_variant_valid(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    const bool broken =
        cell.storage == Cell::Class::text && util::find_invalid_utf8(cell.bytes) != cell.bytes.size();
    return !broken && decode_variant(codec, cell, out);
}

bool decode_variant_bytes(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    const bool broken = cell.storage == Cell::Class::text && !util::is_valid_utf8(cell.bytes);
    return decode_variant(codec, broken ? Cell::of_blob(cell.bytes) : cell, out);
}

bool encode_variant(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                    std::string& /*scratch*/) {
    const std::string_view value = column.bytes(row);
    const std::string_view rest = value.substr(value.empty() ? 0 : 1);
    const char tag = value.empty() ? '\0' : value.front();
    if (tag == 't' || tag == 'b') {
        out = tag == 't' ? Cell::of_text(rest) : Cell::of_blob(rest);
        return true;
    }
    if ((tag != 'i' && tag != 'r') || rest.size() != sizeof(std::int64_t)) {
        return false;
    }
    const auto bits = util::load_big<std::int64_t>(rest.data());
    out = tag == 'i' ? Cell::of_integer(bits) : Cell::of_real(std::bit_cast<double>(bits));
    return true;
}

}  // namespace

std::vector<CodecEntry> text_codecs(TypeKind kind) {
    switch (kind) {
        case TypeKind::text:
            return {{"", decode_text, encode_text},
                    {"replace", decode_replacing, encode_text},
                    {"valid", decode_valid, encode_text}};
        case TypeKind::bytes:
            return {{"", decode_blob, encode_blob}, {"text", decode_text, encode_text}};
        case TypeKind::uuid:
            return {{"", decode_uuid, encode_uuid},
                    {"upper", decode_uuid, encode_uuid},
                    {"hex", decode_uuid_hex, encode_uuid},
                    {"blob", decode_uuid_blob, encode_blob}};
        case TypeKind::json:
        case TypeKind::jsonb:
            return {{"", decode_json, encode_text},
                    {"text_or_integer", decode_json_number, encode_json_number}};
        case TypeKind::array:
            return {{"", decode_array, encode_array}};
        case TypeKind::variant:
            return {{"", decode_variant, encode_variant},
                    {"replace", decode_variant_replacing, encode_variant},
                    {"bytes", decode_variant_bytes, encode_variant},
                    {"valid", decode_variant_valid, encode_variant}};
        default:
            return {{"", decode_by_text, encode_by_text}};
    }
}

}  // namespace migrate::backends::sqlite
