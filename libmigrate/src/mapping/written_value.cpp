#include "mapping/written_value.hpp"

#include "model/value_text.hpp"
#include "util/json_number.hpp"

namespace migrate::mapping {
namespace {

/// Equal as numbers, whatever zeros end them: numeric_send form says only the scale apart.
bool same_number(std::string_view a, std::string_view b) {
    constexpr std::size_t k_scale = 6;
    constexpr std::size_t k_header = 8;
    std::string first;
    std::string second;
    return model::read_decimal(a, first) && model::read_decimal(b, second) &&
           first.substr(0, k_scale) == second.substr(0, k_scale) &&
           first.substr(k_header) == second.substr(k_header);
}

/// "007", "1.", ".5" and "-0" are other numbers' spellings once they are decimals.
bool comes_back_as_decimal(std::string_view text) {
    if (!util::is_json_number(text)) {
        return text == "NaN" || text == "Infinity" || text == "-Infinity";
    }
    return text.front() != '-' ||
           text.substr(0, text.find_first_of("eE")).find_first_of("123456789") != std::string_view::npos;
}

}  // namespace

bool append_float(std::string_view text, const LogicalType& to, ColumnVector& out) {
    std::string shortest;
    double real = 0;
    float narrow = 0;
    if (to.kind == TypeKind::float64 ? !model::read_float64(text, real)
                                     : !model::read_float32(text, narrow)) {
        return false;
    }
    if (to.kind == TypeKind::float64) {
        model::append_float64(real, shortest);
    } else {
        model::append_float32(narrow, shortest);
    }
    if (shortest != text && !same_number(text, shortest)) {
        return false;
    }
    if (to.kind == TypeKind::float64) {
        out.append_float64(real);
    } else {
        out.append_float32(narrow);
    }
    return true;
}

bool append_written(std::string_view text, const LogicalType& to, ColumnVector& out) {
    if (to.kind == TypeKind::float64 || to.kind == TypeKind::float32) {
        return append_float(text, to, out);
    }
    if (to.kind == TypeKind::decimal && !comes_back_as_decimal(text)) {
        return false;
    }
    return model::append_from_text(out, to, text);
}

}  // namespace migrate::mapping
