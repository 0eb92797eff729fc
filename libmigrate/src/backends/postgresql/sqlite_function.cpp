#include <algorithm>

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/expression_printer.hpp"

namespace migrate::backends::postgresql {

namespace {

using model::SqliteStorage;

// Hexadecimal digits that are random throughout. Of a random UUID only the first eight are taken, because
// others tell its version.
std::string random_hex(std::int64_t digits) {
    std::string out;
    for (std::int64_t left = digits; left > 0; left -= 8) {
        out += (out.empty() ? "" : " || ") + std::string("left(gen_random_uuid()::text, ") +
               std::to_string(std::min<std::int64_t>(left, 8)) + ")";
    }
    return "(" + out + ")";
}

constexpr std::int64_t k_most_random_bytes = 64;

Value text_of(std::string sql) {
    Value v;
    v.shape = Shape::text;
    v.sql = std::move(sql);
    return v;
}

Value integer_of_range(std::string sql, Wide low, Wide high, bool wide) {
    Value v;
    v.shape = Shape::integer;
    v.sql = std::move(sql);
    v.range = {low, high};
    v.wide = wide;
    return v;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Value SqliteTranslator::function(const Expression& e) {
    const std::string& name = e->text;
    if (is_aggregate(e)) {
        return aggregate(e);
    }
    if (is_one_of(name, {"random", "randomblob", "hex"})) {
        std::vector<Value> arguments;
        if (name == "hex" && e.children().size() == 1 && e.child(0).is(ExpressionKind::function) &&
            e.child(0)->text == "randomblob" && e.child(0).children().size() == 1) {
            arguments.push_back(value(e.child(0).child(0)));
            return random_function("hexblob", arguments);
        }
        std::transform(e.children().begin(), e.children().end(), std::back_inserter(arguments),
                       [this](const Expression& child) { return value(child); });
        return random_function(name, arguments);
    }
    std::vector<Value> arguments;
    for (const Expression& child : e.children()) {
        arguments.push_back(value(child));
        if (arguments.back().shape == Shape::null && !is_one_of(name, {"coalesce", "ifnull", "iif"})) {
            return refuse("a function of NULL");
        }
    }
    const std::size_t count = arguments.size();
    if (count == 1 && is_one_of(name, {"likely", "unlikely"})) {
        // What it gives is no column any more, and compared as bytes.
        arguments[0].affinity = model::Affinity::none;
        arguments[0].collation.clear();
        arguments[0].has_collation = false;
        return arguments[0];
    }
    if (count == 1 && name == "typeof") {
        return type_of(arguments[0]);
    }
    if (count == 1 && name == "length") {
        return length(arguments[0]);
    }
    if (count == 1 && name == "abs") {
        const Value& v = arguments[0];
        if (v.shape != Shape::integer || v.may_overflow) {
            return refuse("abs of what is no integer");
        }
        return integer_of_range("abs(" + bigint(v) + ")", 0, INT64_MAX, true);
    }
    if (count == 1 && name == "json_valid" && arguments[0].column.target != nullptr) {
        const Column& column = *arguments[0].column.target;
        const bool json = column.type.kind == TypeKind::json || column.type.kind == TypeKind::jsonb;
        return json && !column.nullable ? truth("TRUE")
                                        : refuse("json_valid of NULL differs between versions");
    }
    if (is_one_of(name, {"coalesce", "ifnull", "nullif", "iif", "min", "max"})) {
        return choice_function(name, arguments);
    }
    return text_function(name, arguments);
}

Value SqliteTranslator::random_function(const std::string& name, std::vector<Value>& arguments) {
    const std::size_t wanted = name == "random" ? 0 : 1;
    if (arguments.size() != wanted) {
        return refuse("a function with other arguments than SQLite's");
    }
    if (name == "hex") {
        if (arguments[0].shape == Shape::blob) {
            // Of NULL it is the empty text.
            return text_of("COALESCE(upper(encode(" + arguments[0].sql + ", 'hex') COLLATE \"C\"), '')");
        }
        return refuse("hex of what is no blob");
    }
    m_volatile = true;
    if (name == "random") {
        return integer_of_range(
            "(('x' || left(gen_random_uuid()::text, 8) || left(gen_random_uuid()::text, 8))"
            "::bit(64)::bigint)",
            INT64_MIN, INT64_MAX, true);
    }
    const auto bytes = integer_of(arguments[0]);
    if (!bytes || *bytes < 1 || *bytes > k_most_random_bytes) {
        return refuse("a random blob of other than 1 to 64 bytes");
    }
    const std::string hex = random_hex(*bytes * 2);
    if (name == "hexblob") {
        return text_of("upper(" + hex + " COLLATE \"C\")");
    }
    Value v;
    v.shape = Shape::blob;
    v.sql = "decode(" + hex + ", 'hex')";
    return v;
}

Value SqliteTranslator::type_of(const Value& v) {
    if (v.column.source == nullptr || v.shape == Shape::special) {
        return refuse("typeof of what is no plain column");
    }
    std::string type;
    switch (model::sqlite_storage_of(*v.column.source)) {
        case SqliteStorage::integer:
            type = "integer";
            break;
        case SqliteStorage::real:
            type = "real";
            break;
        case SqliteStorage::text:
            type = "text";
            break;
        case SqliteStorage::blob:
            type = "blob";
            break;
        default:
            return refuse("typeof of a column that holds several types");
    }
    return text_of("(CASE WHEN " + v.sql + " IS NULL THEN 'null'::text ELSE '" + type + "'::text END)");
}

Value SqliteTranslator::length(const Value& v) {
    if (v.shape == Shape::blob) {
        return integer_of_range("octet_length(" + v.sql + ")", 0, INT32_MAX, false);
    }
    return integer_of_range("char_length(" + as_text(v) + ")", 0, INT32_MAX, false);
}

Value SqliteTranslator::substring(std::vector<Value>& arguments) {
    const auto from = integer_of(arguments[1]);
    const auto count =
        arguments.size() > 2 ? integer_of(arguments[2]) : std::optional<std::int64_t>(INT32_MAX);
    if (!from || !count || *from < 1 || *from > INT32_MAX || *count < 0 || *count > INT32_MAX) {
        return refuse("a substring that counts from the end");
    }
    std::string sql = "substr(" + as_text(arguments[0]) + ", " + std::to_string(*from);
    return text_of(sql + (arguments.size() > 2 ? ", " + std::to_string(*count) + ")" : ")"));
}

Value SqliteTranslator::text_function(const std::string& name, std::vector<Value>& arguments) {
    const std::size_t count = arguments.size();
    if ((name == "substr" || name == "substring") && (count == 2 || count == 3)) {
        return substring(arguments);
    }
    std::vector<std::string> texts;
    const bool known = ((name == "lower" || name == "upper") && count == 1) ||
                       (is_one_of(name, {"trim", "ltrim", "rtrim"}) && (count == 1 || count == 2)) ||
                       (name == "replace" && count == 3) || (name == "instr" && count == 2);
    if (!known) {
        return refuse("a function that has no equal in PostgreSQL");
    }
    texts.reserve(arguments.size());
    for (const Value& argument : arguments) {
        texts.push_back(as_text(argument));
    }
    if (name == "lower" || name == "upper") {
        return text_of(name + "(" + texts[0] + " COLLATE \"C\")");
    }
    if (name == "replace") {
        const std::string sql = "replace(" + texts[0] + " COLLATE \"C\", " + texts[1] + ", " + texts[2] + ")";
        // Where there is nothing to look for, SQLite does not look at what would take its place, NULL though
        // it be.
        const bool looks = arguments[2].literal || (is_text_literal(arguments[1]) && texts[1] != "''");
        return text_of(
            looks ? sql : "(CASE WHEN " + texts[1] + " = '' THEN " + texts[0] + " ELSE " + sql + " END)");
    }
    if (name == "instr") {
        if (arguments[0].shape != Shape::text || arguments[1].shape != Shape::text) {
            return refuse("instr of what is no text");
        }
        return integer_of_range("strpos(" + texts[0] + " COLLATE \"C\", " + texts[1] + ")", 0, INT32_MAX,
                                false);
    }
    const std::string function = name == "trim" ? "btrim" : name;
    return text_of(function + "(" + texts[0] + (count == 2 ? ", " + texts[1] : "") + ")");
}

Value SqliteTranslator::choice_function(const std::string& name, std::vector<Value>& arguments) {
    const std::size_t count = arguments.size();
    if ((name == "nullif" && count != 2) || (name == "iif" && count != 3) || count < 2 ||
        (name == "ifnull" && count != 2)) {
        return refuse("a function with other arguments than SQLite's");
    }
    std::string condition_sql;
    if (name == "iif") {
        condition_sql = condition(arguments[0]);
        arguments.erase(arguments.begin());
    }
    Value v = unify(arguments);
    std::string list;
    std::string nulls;
    for (const Value& argument : arguments) {
        list += (list.empty() ? "" : ", ") + argument.sql;
        nulls += (nulls.empty() ? "" : " OR ") + argument.sql + " IS NULL";
    }
    if (name == "iif") {
        v.sql = "(CASE WHEN " + condition_sql + " THEN " + arguments[0].sql + " ELSE " + arguments[1].sql +
                " END)";
    } else if (name == "nullif") {
        const bool collated = std::any_of(arguments.begin(), arguments.end(),
                                          [](const Value& a) { return !a.collation.empty(); });
        if (collated) {
            return refuse("nullif of a column with a collation");
        }
        v.sql = "NULLIF(" + list + ")";
    } else if (name == "min" || name == "max") {
        // SQLite's give NULL if any is NULL; PostgreSQL's pass over it.
        if (v.shape != Shape::integer) {
            return refuse("min or max of what are no integers");
        }
        v.sql = "(CASE WHEN " + nulls + " THEN NULL ELSE " + (name == "min" ? "LEAST(" : "GREATEST(") + list +
                ") END)";
    } else {
        v.sql = "COALESCE(" + list + ")";
    }
    return v.shape == Shape::null ? refuse("a function of NULL") : v;
}

}  // namespace migrate::backends::postgresql
