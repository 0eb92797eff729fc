#include <array>
#include <string_view>
#include <utility>

#include "model/postgresql_grammar.hpp"

namespace migrate::model {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> k_aliases = {{
    {"int", "integer"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"int2", "smallint"},
    {"bool", "boolean"},
    {"float", "double precision"},
    {"float8", "double precision"},
    {"float4", "real"},
    {"decimal", "numeric"},
    {"dec", "numeric"},
    {"char", "character"},
    {"varchar", "character varying"},
    {"varbit", "bit varying"},
    {"timestamptz", "timestamp with time zone"},
    {"timetz", "time with time zone"},
    {"timestamp", "timestamp without time zone"},
    {"time", "time without time zone"},
    {"nchar", "character"},
}};

void parse_arguments(TokenCursor& cursor, TypeName& type) {
    if (!cursor.accept_symbol("(")) {
        return;
    }
    do {
        const std::string sign = cursor.accept_symbol("-") ? "-" : "";
        const Token argument = cursor.take();
        if (argument.kind != TokenKind::integer && argument.kind != TokenKind::word) {
            cursor.fail("expected a number in a type's arguments");
            return;
        }
        type.arguments.push_back(sign + argument.text);
    } while (cursor.accept_symbol(","));
    cursor.expect_symbol(")");
}

void parse_dimensions(TokenCursor& cursor, TypeName& type) {
    if (cursor.accept_word("array")) {
        type.array_dimensions = 1;
    }
    while (cursor.accept_symbol("[")) {
        if (cursor.peek().kind == TokenKind::integer) {
            cursor.take();
        }
        cursor.expect_symbol("]");
        ++type.array_dimensions;
    }
}

// "interval day to second(3)": the fields are part of the name.
void parse_interval_fields(TokenCursor& cursor, TypeName& type) {
    for (const std::string_view field : {"year", "month", "day", "hour", "minute", "second"}) {
        if (cursor.accept_word(field)) {
            type.name += " " + std::string(field);
            if (cursor.accept_word("to")) {
                type.name += " to " + cursor.take().text;
            }
            break;
        }
    }
}

std::string resolve_word(TokenCursor& cursor, std::string word) {
    if (word == "double") {
        cursor.expect_word("precision");
        return "double precision";
    }
    if ((word == "character" || word == "char" || word == "bit") && cursor.accept_word("varying")) {
        return word == "bit" ? "bit varying" : "character varying";
    }
    for (const auto& [alias, name] : k_aliases) {
        if (word == alias) {
            return std::string(name);
        }
    }
    return word;
}

void parse_builtin(TokenCursor& cursor, TypeName& type, const std::string& word) {
    type.name = resolve_word(cursor, word);
    if (word == "interval") {
        parse_interval_fields(cursor, type);
    }
    parse_arguments(cursor, type);
    if (word == "time" || word == "timestamp") {
        const bool with = cursor.accept_words({"with", "time", "zone"});
        if (!with) {
            cursor.accept_words({"without", "time", "zone"});
        }
        type.name = word + (with ? " with time zone" : " without time zone");
    }
    // Without quotes and length these mean one character or bit.
    if ((type.name == "character" || type.name == "bit") && type.arguments.empty()) {
        type.arguments.emplace_back("1");
    }
}

}  // namespace

TypeName parse_postgresql_type_name(TokenCursor& cursor) {
    TypeName type;
    Token token = cursor.take();
    const auto is_name = [](const Token& t) {
        return t.kind == TokenKind::word || t.kind == TokenKind::double_quoted;
    };
    if (is_name(token) && cursor.at_symbol(".")) {
        cursor.take();
        type.schema = token.text == "pg_catalog" ? "" : token.text;
        token = cursor.take();
    }
    if (!is_name(token)) {
        cursor.fail("expected a type");
        return type;
    }
    if (token.kind == TokenKind::word && type.schema.empty()) {
        parse_builtin(cursor, type, token.text);
    } else {
        // "char" in quotes is another type than char; the quotes are kept to tell them apart.
        type.name = token.kind == TokenKind::double_quoted && token.text == "char" && type.schema.empty()
                        ? "\"char\""
                        : token.text;
        parse_arguments(cursor, type);
    }
    parse_dimensions(cursor, type);
    return type;
}

}  // namespace migrate::model
