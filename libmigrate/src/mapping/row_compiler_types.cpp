#include <algorithm>
#include <optional>
#include <utility>

#include "mapping/conversion.hpp"
#include "mapping/row_compiler.hpp"
#include "mapping/row_function.hpp"
#include "mapping/row_operator.hpp"
#include "model/value_text.hpp"
#include "util/near_name.hpp"
#include "util/printable.hpp"

/// How the compiler settles types.
namespace migrate::mapping {
namespace {

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}
bool is_float(TypeKind kind) {
    return kind == TypeKind::float32 || kind == TypeKind::float64;
}
bool is_time(TypeKind kind) {
    return kind == TypeKind::date || kind == TypeKind::time || kind == TypeKind::time_tz ||
           kind == TypeKind::timestamp || kind == TypeKind::timestamp_tz || kind == TypeKind::interval;
}

/// The type that holds the values of both without changing any; nullopt where none does.
std::optional<LogicalType> common_type(const LogicalType& a, const LogicalType& b) {
    if (a == b) {
        return a;
    }
    if (a.kind == b.kind && (a.kind == TypeKind::text || a.kind == TypeKind::decimal)) {
        return LogicalType(a.kind);
    }
    if (is_integer(a.kind) && is_integer(b.kind)) {
        return LogicalType(TypeKind::int64);
    }
    const bool numbers = (is_integer(a.kind) || a.kind == TypeKind::decimal) &&
                         (is_integer(b.kind) || b.kind == TypeKind::decimal);
    if (numbers) {
        return LogicalType(TypeKind::decimal);
    }
    if (is_float(a.kind) && is_float(b.kind)) {
        return LogicalType(TypeKind::float64);
    }
    const auto is_text = [](TypeKind kind) {
        return kind == TypeKind::text || kind == TypeKind::enumeration;
    };
    if (is_text(a.kind) && is_text(b.kind)) {
        return LogicalType(TypeKind::text);
    }
    return a.kind == b.kind ? std::optional(a) : std::nullopt;
}

bool castable(const LogicalType& from, const LogicalType& to) {
    if (is_time(from.kind) && is_time(to.kind)) {
        return from.kind == to.kind || (from.kind == TypeKind::date && to.kind == TypeKind::timestamp) ||
               (from.kind == TypeKind::timestamp && to.kind == TypeKind::date);
    }
    const bool fixed_meaning = is_time(from.kind) || is_time(to.kind) || from.kind == TypeKind::uuid;
    if (fixed_meaning && from.kind != to.kind) {
        const LogicalType& other = is_time(to.kind) ? from : to;
        const bool to_bytes = from.kind == TypeKind::uuid && to.kind == TypeKind::bytes;
        return !to_bytes && (other.kind == TypeKind::text || other.kind == TypeKind::variant ||
                             other.kind == TypeKind::opaque);
    }
    return convertible(from, to);
}

/// No value of `from` is changed by becoming `to`, and none is refused.
bool is_same(const LogicalType& from, const LogicalType& to) {
    if (from == to || (from.kind == to.kind && to == LogicalType(to.kind))) {
        return true;
    }
    // Whole numbers are held in one form, whatever their width.
    return is_integer(from.kind) &&
           (to.kind == TypeKind::int64 || (from.kind == TypeKind::int16 && to.kind == TypeKind::int32));
}

}  // namespace

RowNode RowCompiler::convert(RowNode node, const LogicalType& type) {
    if (is_same(node.type, type)) {
        node.type = type;
        node.literal = RowNode::Literal::none;
        return node;
    }
    if (node.literal == RowNode::Literal::null) {
        settle_literal(node, type);
        return node;
    }
    if (!castable(node.type, type)) {
        const bool instants = is_time(node.type.kind) && is_time(type.kind);
        fail(to_string(node.type) + " cannot become " + to_string(type), {},
             instants ? "date_of, time_of, as_utc and utc say which part or zone is meant" : "");
    }
    RowNode out;
    out.type = type;
    if (node.type.kind == TypeKind::date && type.kind == TypeKind::timestamp) {
        out.evaluate = &evaluate_date_to_timestamp;
    } else if (node.type.kind == TypeKind::timestamp && type.kind == TypeKind::date) {
        out.evaluate = &evaluate_timestamp_to_date;
    } else {
        out.evaluate = &evaluate_cast;
        out.slot = m_casts.size();
        m_casts.emplace_back(node.type, type);
    }
    const bool fixed = node.is_constant();
    out.children.push_back(std::move(node));
    return fixed ? fold(std::move(out)) : std::move(out);
}

/// A conversion of a constant is made once, and its failure is the expression's.
RowNode RowCompiler::fold(RowNode node) {
    RowState state = make_state();
    Cell cell;
    if (!node(state, cell)) {
        const RowNode& value = node.children[0];
        std::string text = "a value";
        if (value.type.kind == TypeKind::text) {
            text = "'" + util::printable(value.bytes) + "'";
        }
        fail(text + " is no " + to_string(node.type), value.type.kind == TypeKind::text ? value.bytes : "");
    }
    RowNode out;
    out.evaluate = &evaluate_constant;
    out.type = node.type;
    out.null = cell.null;
    out.fixed = cell.fixed;
    out.bytes = std::string(cell.bytes);
    return out;
}

void RowCompiler::settle_literal(RowNode& node, const LogicalType& type) {
    if (node.literal == RowNode::Literal::null) {
        node.type = type;
        node.literal = RowNode::Literal::none;
        return;
    }
    if (node.literal == RowNode::Literal::number && type.kind == TypeKind::boolean &&
        (node.type.kind != TypeKind::int64 || (node.fixed != 0 && node.fixed != 1))) {
        fail("a number stands where true or false is meant");
    }
    const bool number_for_text = node.literal == RowNode::Literal::number &&
                                 (type.kind == TypeKind::text || type.kind == TypeKind::enumeration);
    if (number_for_text) {
        fail("a number stands where a text is meant", {}, "write it in quotes, as in '1'");
    }
    if (is_float(type.kind) && node.literal == RowNode::Literal::number) {
        // The nearest float is what a number beside floats means.
        std::string text;
        if (node.type.kind == TypeKind::decimal) {
            model::append_decimal(node.bytes, text);
        } else {
            text = std::to_string(node.fixed);
        }
        double value = 0;
        if (!model::read_float64(text, value)) {
            fail("a number is past all floating-point numbers");
        }
        node.type = TypeKind::float64;
        node.fixed = std::bit_cast<std::int64_t>(value);
        node.bytes.clear();
        node.literal = RowNode::Literal::none;
        node = convert(std::move(node), type);
        return;
    }
    node.literal = RowNode::Literal::none;
    node = convert(std::move(node), type);
}

LogicalType RowCompiler::unify(const std::vector<RowNode*>& nodes) {
    std::optional<LogicalType> type;
    const auto join = [&](const LogicalType& next) {
        const auto joined = type ? common_type(*type, next) : next;
        if (!joined) {
            fail(to_string(*type) + " and " + to_string(next) + " stand where one kind of value is meant", {},
                 "cast one of them");
        }
        type = joined;
    };
    for (const RowNode* node : nodes) {
        if (node->literal == RowNode::Literal::none) {
            join(node->type);
        }
    }
    const bool given = type.has_value();
    for (const RowNode* node : nodes) {
        const bool number = node->literal == RowNode::Literal::number;
        const bool whole_types = !type || is_integer(type->kind) || type->kind == TypeKind::decimal;
        // 1.5 beside whole numbers makes decimals of them; 1 beside int16 stays what int64 holds.
        if ((number && whole_types) || (!given && node->literal == RowNode::Literal::text)) {
            join(node->type);
        }
    }
    if (!type) {
        type = TypeKind::text;
    }
    for (RowNode* node : nodes) {
        if (node->literal != RowNode::Literal::none) {
            settle_literal(*node, *type);
        } else {
            *node = convert(std::move(*node), *type);
        }
    }
    return *type;
}

bool RowCompiler::take_argument(char letter, RowNode& node) {
    const LogicalType wanted = type_of_letter(letter);
    const TypeKind kind = node.type.kind;
    if (node.literal == RowNode::Literal::null) {
        settle_literal(node, wanted);
        return true;
    }
    switch (letter) {
        case 't':
            if (kind != TypeKind::text && kind != TypeKind::enumeration) {
                return false;
            }
            node.literal = RowNode::Literal::none;
            return true;
        case 'i':
            node.literal = is_integer(kind) ? RowNode::Literal::none : node.literal;
            return is_integer(kind);
        case 'n':
            if (!is_integer(kind) && kind != TypeKind::decimal) {
                return false;
            }
            node.literal = RowNode::Literal::none;
            node = convert(std::move(node), wanted);
            return true;
        case 'f':
            if (node.literal == RowNode::Literal::number) {
                settle_literal(node, wanted);
                return true;
            }
            if (kind == TypeKind::float32) {
                node = convert(std::move(node), wanted);
            }
            return is_float(kind);
        case 'd':
        case 'm':
        case 's':
        case 'z':
            if (node.literal == RowNode::Literal::text) {
                settle_literal(node, wanted);
                return true;
            }
            return kind == wanted.kind;
        default:
            return kind == wanted.kind;
    }
}

bool RowCompiler::take_arguments(std::string_view parameters, std::vector<RowNode>& arguments) {
    const std::size_t bar = parameters.find('|');
    const bool repeats = parameters.ends_with('+');
    std::string letters;
    std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(letters),
                 [](char c) { return c != '|' && c != '+'; });
    const std::size_t least = bar == std::string_view::npos ? letters.size() : bar;
    if (arguments.size() < least || (!repeats && arguments.size() > letters.size())) {
        return false;
    }
    // Texts beside texts are texts: a literal becomes a date only where another argument is one.
    const bool all_literals = std::all_of(arguments.begin(), arguments.end(), [](const RowNode& a) {
        return a.literal != RowNode::Literal::none;
    });
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const char letter = letters[std::min(i, letters.size() - 1)];
        const bool guess = all_literals && arguments.size() > 1 && letter != 't' &&
                           arguments[i].literal == RowNode::Literal::text;
        if (guess || !take_argument(letter, arguments[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace migrate::mapping
