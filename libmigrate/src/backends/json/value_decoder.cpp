#include <bit>
#include <charconv>
#include <optional>

#include "backends/json/value_codec.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

using Index = Document::Index;

// The string in {"name":"string"}.
std::optional<std::string_view> wrapped(const Document& document, Index node, std::string_view name) {
    if (document.kind(node) != NodeKind::object || document.is_empty(node)) {
        return std::nullopt;
    }
    const Index key = document.first_child(node);
    const Index value = key + 1;
    if (document.text(key) != name || document.kind(value) != NodeKind::string ||
        document.end(value) != document.end(node)) {
        return std::nullopt;
    }
    return document.text(value);
}

bool append_wrapped(const Document& document, Index node, std::string_view name, ColumnVector& column) {
    const auto text = wrapped(document, node, name);
    std::string bytes;
    if (!text || !model::read_base64(*text, bytes)) {
        return false;
    }
    column.append_bytes(bytes);
    return true;
}

bool decode_json(const Document& document, Index node, ColumnVector& column) {
    if (const auto text = wrapped(document, node, k_json_wrapper)) {
        column.append_bytes(*text);
        return true;
    }
    if (wrapped(document, node, k_bytes_wrapper)) {
        return append_wrapped(document, node, k_bytes_wrapper, column);
    }
    column.append_bytes(document.raw(node));
    return true;
}

bool decode_array(const Document& document, Index node, const LogicalType& type, ColumnVector& column) {
    const LogicalType element = type.element ? *type.element : LogicalType(TypeKind::text);
    std::string literal;
    if (model::array_from_json(document.raw(node), element, literal)) {
        column.append_bytes(literal);
        return true;
    }
    return append_wrapped(document, node, k_bytes_wrapper, column);
}

void append_class(char storage, std::int64_t payload, ColumnVector& column) {
    char* room = column.append_room(1 + sizeof payload);
    *room = storage;
    util::store_big(room + 1, payload);
}

void append_class(char storage, std::string_view payload, ColumnVector& column) {
    char* room = column.append_room(1 + payload.size());
    *room = storage;
    payload.copy(room + 1, payload.size());
}

// Any JSON number, also in another spelling than this format writes: a person may have edited the file.
template <typename Float>
bool read_json_number(std::string_view text, Float& out) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool decode_float(const Scalar& value, const LogicalType& type, ColumnVector& column) {
    if (value.kind != NodeKind::number) {
        return value.kind == NodeKind::string && model::append_from_text(column, type, value.text);
    }
    double wide = 0;
    float narrow = 0;
    if (type.kind == TypeKind::float32 && read_json_number(value.text, narrow)) {
        column.append_float32(narrow);
        return true;
    }
    if (type.kind == TypeKind::float64 && read_json_number(value.text, wide)) {
        column.append_float64(wide);
        return true;
    }
    return false;
}

bool decode_variant_number(std::string_view text, ColumnVector& column) {
    double real = 0;
    std::int64_t integer = 0;
    if (text.find_first_of(".eE") == std::string_view::npos) {
        if (!model::read_int64(text, integer)) {
            return false;
        }
        append_class('i', integer, column);
        return true;
    }
    if (!read_json_number(text, real)) {
        return false;
    }
    append_class('r', std::bit_cast<std::int64_t>(real), column);
    return true;
}

bool decode_variant(const Scalar& value, ColumnVector& column) {
    if (value.kind == NodeKind::number) {
        return decode_variant_number(value.text, column);
    }
    if (value.kind == NodeKind::string) {
        append_class('t', value.text, column);
        return true;
    }
    return false;
}

bool decode_variant(const Document& document, Index node, ColumnVector& column) {
    if (const auto text = wrapped(document, node, "$int")) {
        return text->find_first_of(".eE") == std::string_view::npos && decode_variant_number(*text, column);
    }
    if (const auto text = wrapped(document, node, "$real")) {
        double real = 0;
        if (!model::read_float64(*text, real)) {
            return false;
        }
        append_class('r', std::bit_cast<std::int64_t>(real), column);
        return true;
    }
    for (const auto& [name, storage] : {std::pair{"$blob", 'b'}, std::pair{"$bytes", 't'}}) {
        const auto text = wrapped(document, node, name);
        std::string bytes;
        if (text && model::read_base64(*text, bytes)) {
            append_class(storage, bytes, column);
            return true;
        }
    }
    return false;
}

bool decode_boolean(const Scalar& value, ColumnVector& column) {
    if (value.kind != NodeKind::true_literal && value.kind != NodeKind::false_literal) {
        return false;
    }
    column.append_fixed(value.kind == NodeKind::true_literal ? 1 : 0);
    return true;
}

bool decode_base64(const Scalar& value, ColumnVector& column) {
    std::string bytes;
    if (value.kind != NodeKind::string || !model::read_base64(value.text, bytes)) {
        return false;
    }
    column.append_bytes(bytes);
    return true;
}

bool decode_string(const Scalar& value, ColumnVector& column) {
    if (value.kind != NodeKind::string) {
        return false;
    }
    column.append_bytes(value.text);
    return true;
}

// Kinds whose value is a string, and an object of one member where no string can say it.
bool is_said_as_string(TypeKind kind) {
    switch (kind) {
        case TypeKind::text:
        case TypeKind::enumeration:
        case TypeKind::inet:
        case TypeKind::cidr:
        case TypeKind::macaddr:
        case TypeKind::bit_string:
        case TypeKind::range:
        case TypeKind::opaque:
            return true;
        default:
            return false;
    }
}

// An array or object. Values that a plain one cannot say are objects of one member.
bool decode_composite(const Document& document, Index node, const LogicalType& type, ColumnVector& column) {
    if (is_said_as_string(type.kind)) {
        return append_wrapped(document, node, k_bytes_wrapper, column);
    }
    switch (type.kind) {
        case TypeKind::json:
        case TypeKind::jsonb:
            return decode_json(document, node, column);
        case TypeKind::variant:
            return decode_variant(document, node, column);
        default:
            return false;
    }
}

}  // namespace

bool decode_scalar(const Scalar& value, const LogicalType& type, ColumnVector& column) {
    if (value.kind == NodeKind::null_literal) {
        column.append_null();
        return true;
    }
    if (is_said_as_string(type.kind)) {
        return decode_string(value, column);
    }
    switch (type.kind) {
        case TypeKind::boolean:
            return decode_boolean(value, column);
        case TypeKind::float32:
        case TypeKind::float64:
            return decode_float(value, type, column);
        case TypeKind::array:
            return decode_string(value, column);
        case TypeKind::bytes:
            return decode_base64(value, column);
        case TypeKind::json:
        case TypeKind::jsonb:
            column.append_bytes(value.raw);
            return true;
        case TypeKind::variant:
            return decode_variant(value, column);
        default:
            return (value.kind == NodeKind::string || value.kind == NodeKind::number) &&
                   model::append_from_text(column, type, value.text);
    }
}

bool decode_value(const Document& document, Index node, const LogicalType& type, ColumnVector& column) {
    const NodeKind kind = document.kind(node);
    const bool is_scalar = kind != NodeKind::object && kind != NodeKind::array;
    if (is_scalar && decode_scalar({kind, document.text(node), document.raw(node)}, type, column)) {
        return true;
    }
    if (type.kind == TypeKind::array) {
        return decode_array(document, node, type, column);
    }
    return !is_scalar && decode_composite(document, node, type, column);
}

}  // namespace migrate::backends::json
