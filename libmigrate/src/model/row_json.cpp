#include "model/row_json.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "model/value_text.hpp"
#include "util/json_string.hpp"

namespace migrate::model {
namespace {

void append_wrapped(std::string_view member, std::string_view bytes, std::string& out) {
    out.append("{\"").append(member).append("\":\"");
    append_base64(bytes, out);
    out += "\"}";
}

void append_text_value(std::string_view text, std::string& out) {
    if (is_valid_utf8(text)) {
        util::append_json_string(text, out);
    } else {
        append_wrapped("text_base64", text, out);
    }
}

void append_float(double value, std::string& out) {
    std::string text;
    append_float64(value, text);
    out += std::isfinite(value) ? text : '"' + text + '"';
}

/// A real number in a column whose rows each have their own type: "5" would be an integer.
void append_tagged_real(double value, std::string& out) {
    std::string text;
    append_float64(value, text);
    if (!std::isfinite(value)) {
        out += R"({"float64":")" + text + "\"}";
        return;
    }
    out += text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

void append_variant(std::string_view value, std::string& out) {
    const char tag = value.empty() ? 't' : value.front();
    const std::string_view rest = value.empty() ? value : value.substr(1);
    std::uint64_t bits = 0;
    if (tag == 'i' || tag == 'r') {
        for (const char byte : rest) {
            bits = (bits << 8U) | static_cast<unsigned char>(byte);
        }
    }
    switch (tag) {
        case 'i':
            out += std::to_string(static_cast<std::int64_t>(bits));
            return;
        case 'r':
            append_tagged_real(std::bit_cast<double>(bits), out);
            return;
        case 'b':
            append_wrapped("base64", rest, out);
            return;
        default:
            append_text_value(rest, out);
    }
}

void append_value(const ColumnVector& column, std::size_t row, const LogicalType& type, std::string& out) {
    if (column.is_null(row)) {
        out += "null";
        return;
    }
    std::string text;
    switch (type.kind) {
        case TypeKind::boolean:
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            append_text(column, row, type, out);
            return;
        case TypeKind::float64:
            append_float(column.float64(row), out);
            return;
        case TypeKind::float32:
        case TypeKind::decimal:
            append_text(column, row, type, text);
            // NaN and the infinities are no JSON numbers.
            out += text.find_first_of("NI") == std::string::npos ? text : '"' + text + '"';
            return;
        case TypeKind::bytes:
            append_wrapped("base64", column.bytes(row), out);
            return;
        case TypeKind::variant:
            append_variant(column.bytes(row), out);
            return;
        default:
            append_text(column, row, type, text);
            append_text_value(text, out);
    }
}

}  // namespace

std::string row_as_json(const RowBatch& batch, std::size_t row, const RowShape& shape) {
    std::string out = "{";
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
        out += i == 0 ? "" : ",";
        util::append_json_string(shape.names[i], out);
        out += ':';
        append_value(batch.columns[i], row, shape.types[i], out);
    }
    return out + "}";
}

std::string key_as_text(const RowBatch& batch, std::size_t row, const RowShape& shape) {
    std::string out;
    for (const std::size_t part : shape.key) {
        const ColumnVector& column = batch.columns[part];
        if (column.is_null(row)) {
            return {};
        }
        out += out.empty() ? "" : ", ";
        if (shape.types[part].kind == TypeKind::variant) {
            append_variant(column.bytes(row), out);
        } else {
            append_text(column, row, shape.types[part], out);
        }
    }
    // Not every engine's text can hold these; the row itself has them.
    std::erase(out, '\0');
    return is_valid_utf8(out) ? out : std::string();
}

std::string text_as_json(std::string_view text) {
    std::string out;
    append_text_value(text, out);
    return out;
}

}  // namespace migrate::model
