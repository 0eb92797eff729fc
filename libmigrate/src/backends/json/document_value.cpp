#include "backends/json/document_value.hpp"

#include <algorithm>

#include "backends/json/document_tree.hpp"
#include "model/value_text.hpp"

namespace migrate::backends::json {

namespace {

bool is_json(TypeKind kind) {
    return kind == TypeKind::json || kind == TypeKind::jsonb;
}

bool is_timestamp(TypeKind kind) {
    return kind == TypeKind::timestamp || kind == TypeKind::timestamp_tz;
}

std::string format_of(const Column& column) {
    const auto found = column.properties.find(k_format_property);
    return found == column.properties.end() ? std::string() : found->second;
}

// "iso:T3Z": in that spelling if it says the whole value, else with all six digits.
bool append_timestamp(std::int64_t microseconds, const LogicalType& type, const std::string& format,
                      std::string& out) {
    if (format.size() < 6 || !format.starts_with("iso:")) {
        return false;
    }
    const bool utc = type.kind == TypeKind::timestamp_tz;
    std::string text;
    model::append_timestamp(microseconds, format[4], utc, text, format[5] - '0');
    std::int64_t back = 0;
    if (!model::read_timestamp(text, utc, back) || back != microseconds) {
        text.clear();
        model::append_timestamp(microseconds, format[4], utc, text);
    }
    append_quoted(text, out);
    return true;
}

}  // namespace

void DocumentValueWriter::append(const ColumnVector& values, std::size_t row, const Column& column,
                                 std::string& out, bool& exact) {
    exact = true;
    const std::string format = format_of(column);
    if (is_json(column.type.kind)) {
        append_json(values.bytes(row), out, exact);
    } else if (is_timestamp(column.type.kind) &&
               append_timestamp(values.fixed(row), column.type, format, out)) {
        return;
    } else if (column.type.kind == TypeKind::uuid && format == "upper") {
        const std::size_t start = out.size();
        m_encoder.append(values, row, column.type, out);
        std::transform(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
                       out.begin() + static_cast<std::ptrdiff_t>(start),
                       [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    } else {
        m_encoder.append(values, row, column.type, out);
    }
}

void DocumentValueWriter::append_json(std::string_view text, std::string& out, bool& exact) {
    if (m_checker.is_value(text)) {
        const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
        exact = text != "null" && text.find_first_of("\n\r") == std::string_view::npos &&
                !is_blank(text.front()) && !is_blank(text.back());
        out += text;
    } else if (model::is_valid_utf8(text)) {
        exact = false;
        append_quoted(text, out);
    } else {
        exact = false;
        append_wrapped_bytes(text, out);
    }
}

bool read_document_value(const Document& document, Document::Index node, const Column& column,
                         ColumnVector& out) {
    const NodeKind kind = document.kind(node);
    if (is_json(column.type.kind) && kind != NodeKind::null_literal) {
        out.append_bytes(document.raw(node));
        return true;
    }
    std::int64_t slot = 0;
    if (is_timestamp(column.type.kind) && kind == NodeKind::string &&
        model::read_timestamp(document.text(node), column.type.kind == TypeKind::timestamp_tz, slot)) {
        out.append_fixed(slot);
        return true;
    }
    return decode_value(document, node, column.type, out);
}

}  // namespace migrate::backends::json
