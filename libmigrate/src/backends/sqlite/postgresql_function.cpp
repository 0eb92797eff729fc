#include <algorithm>
#include <initializer_list>

#include "backends/sqlite/postgresql_translator.hpp"
#include "model/value_text.hpp"

namespace migrate::backends::sqlite {

namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Said integer_said(std::string sql) {
    Said v;
    v.held = Held::integer;
    v.kind = TypeKind::int32;
    v.sql = std::move(sql);
    return v;
}

std::optional<std::int64_t> integer_of(const Said& v) {
    std::int64_t number = 0;
    return v.held == Held::integer && v.literal && model::read_int64(*v.literal, number)
               ? std::optional(number)
               : std::nullopt;
}

Said text_said(std::string sql, const Said& like) {
    Said v;
    v.held = Held::text;
    v.sql = std::move(sql);
    v.collation = like.collation;
    return v;
}

}  // namespace

Said PostgresqlTranslator::function(const Expression& e) {
    const std::string& name = e->text;
    if (e->star || e->distinct || !e->qualifier.empty()) {
        return refuse("an aggregate, or a function of the database's own");
    }
    if (name == "nextval") {
        return refuse("the next value of a sequence");
    }
    std::vector<Said> arguments;
    for (const Expression& child : e.children()) {
        arguments.push_back(value(child));
        if (arguments.back().held == Held::null && !is_one_of(name, {"coalesce", "greatest", "least"})) {
            return refuse("a function of NULL");
        }
    }
    if (is_one_of(name, {"coalesce", "nullif", "greatest", "least"})) {
        return choice_function(name, arguments);
    }
    if (arguments.size() == 1 && name == "abs") {
        return arguments[0].held == Held::integer && !arguments[0].numeric
                   ? integer_said("abs(" + arguments[0].sql + ")")
                   : refuse("abs of what is no integer");
    }
    const bool octets = name == "octet_length" || name == "length";
    if (arguments.size() == 1 && octets && arguments[0].held == Held::blob) {
        return integer_said("length(" + arguments[0].sql + ")");
    }
    return text_function(name, arguments);
}

Said PostgresqlTranslator::text_function(const std::string& name, std::vector<Said>& arguments) {
    const std::size_t count = arguments.size();
    if (count == 0 || arguments[0].held != Held::text) {
        return refuse("a function that has no equal in SQLite");
    }
    const Said& text = arguments[0];
    const auto all_texts = [&] {
        return std::all_of(arguments.begin(), arguments.end(),
                           [](const Said& v) { return v.held == Held::text; });
    };
    if (count == 1 && is_one_of(name, {"length", "char_length", "character_length"})) {
        return integer_said("length(" + text.sql + ")");
    }
    if (count == 1 && name == "octet_length") {
        return integer_said("length(CAST(" + text.sql + " AS BLOB))");
    }
    if (count == 1 && (name == "lower" || name == "upper")) {
        const bool ascii = text.collation == "C" || text.collation == "POSIX";
        return ascii ? text_said(name + "(" + text.sql + ")", text)
                     : refuse("lower or upper, which in SQLite knows only ASCII letters");
    }
    if (count <= 2 && all_texts() && is_one_of(name, {"btrim", "ltrim", "rtrim"})) {
        const std::string function = name == "btrim" ? "trim" : name;
        return text_said(function + "(" + text.sql + (count == 2 ? ", " + arguments[1].sql : "") + ")", text);
    }
    if (count == 3 && all_texts() && name == "replace") {
        const std::string sql =
            "replace(" + text.sql + ", " + arguments[1].sql + ", " + arguments[2].sql + ")";
        // Where there is nothing to look for, SQLite gives the text though what would take its place is NULL.
        return text_said(arguments[2].literal
                             ? sql
                             : "(CASE WHEN " + arguments[2].sql + " IS NOT NULL THEN " + sql + " END)",
                         text);
    }
    if (count == 2 && all_texts() && name == "strpos") {
        return integer_said("instr(" + text.sql + ", " + arguments[1].sql + ")");
    }
    const auto first = count > 1 ? integer_of(arguments[1]) : std::nullopt;
    const auto second = count > 2 ? integer_of(arguments[2]) : std::nullopt;
    if (is_one_of(name, {"substr", "substring"}) && first && *first >= 1 &&
        (count == 2 || (second && *second >= 0))) {
        return text_said("substr(" + text.sql + ", " + std::to_string(*first) +
                             (second ? ", " + std::to_string(*second) : "") + ")",
                         text);
    }
    if (name == "left" && count == 2 && first && *first >= 0) {
        return text_said("substr(" + text.sql + ", 1, " + std::to_string(*first) + ")", text);
    }
    if (name == "right" && count == 2 && first && *first > 0) {
        return text_said("substr(" + text.sql + ", -" + std::to_string(*first) + ")", text);
    }
    return refuse("a function that has no equal in SQLite");
}

Said PostgresqlTranslator::choice_function(const std::string& name, std::vector<Said>& arguments) {
    Said v = unify(arguments);
    std::string list;
    for (const Said& argument : arguments) {
        list += (list.empty() ? "" : ", ") + argument.sql;
    }
    if (name == "coalesce") {
        v.sql = arguments.size() == 1 ? list : "coalesce(" + list + ")";
        return v;
    }
    if (name == "nullif") {
        const bool folds =
            std::any_of(arguments.begin(), arguments.end(), [](const Said& a) { return a.folds; });
        v.sql = "nullif(" + list + ")";
        return folds ? refuse("nullif of a column with a collation") : v;
    }
    // SQLite's min and max give NULL if any is NULL; PostgreSQL's pass over it.
    if (v.held != Held::integer || arguments.size() != 2) {
        return refuse("greatest or least of other than two integers");
    }
    const std::string& a = arguments[0].sql;
    const std::string& b = arguments[1].sql;
    v.sql = (name == "least" ? "min(" : "max(") + std::string("coalesce(") + a + ", " + b + "), coalesce(" +
            b + ", " + a + "))";
    return v;
}

}  // namespace migrate::backends::sqlite
