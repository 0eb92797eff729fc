#include "backends/sqlite/reference_parser.hpp"

#include "model/sqlite_grammar.hpp"

namespace migrate::backends::sqlite {

namespace {

using model::TokenCursor;

ReferenceAction parse_action(TokenCursor& cursor) {
    if (cursor.accept_words({"set", "null"})) {
        return ReferenceAction::set_null;
    }
    if (cursor.accept_words({"set", "default"})) {
        return ReferenceAction::set_default;
    }
    if (cursor.accept_word("cascade")) {
        return ReferenceAction::cascade;
    }
    if (cursor.accept_word("restrict")) {
        return ReferenceAction::restrict;
    }
    if (!cursor.accept_words({"no", "action"})) {
        cursor.fail("expected an action");
    }
    return ReferenceAction::no_action;
}

void parse_arguments(TokenCursor& cursor, ReferenceClause& reference) {
    while (true) {
        if (cursor.accept_word("match")) {
            reference.match = take_name(cursor);
        } else if (cursor.accept_words({"on", "delete"})) {
            reference.on_delete = parse_action(cursor);
        } else if (cursor.accept_words({"on", "update"})) {
            reference.on_update = parse_action(cursor);
        } else if (cursor.accept_words({"on", "insert"})) {
            parse_action(cursor);
        } else {
            return;
        }
    }
}

}  // namespace

std::string take_name(TokenCursor& cursor) {
    if (!model::SqliteGrammar::is_name(cursor.peek())) {
        cursor.fail("expected a name");
    }
    return cursor.take().text;
}

std::vector<std::string> parse_name_list(TokenCursor& cursor) {
    std::vector<std::string> names;
    cursor.expect_symbol("(");
    do {
        names.push_back(take_name(cursor));
        if (cursor.accept_word("collate")) {
            take_name(cursor);
        }
        if (!cursor.accept_word("asc")) {
            cursor.accept_word("desc");
        }
    } while (cursor.accept_symbol(","));
    cursor.expect_symbol(")");
    return names;
}

void parse_reference(TokenCursor& cursor, ReferenceClause& reference) {
    reference.table = take_name(cursor);
    if (cursor.at_symbol("(")) {
        reference.referenced_columns = parse_name_list(cursor);
    }
    parse_arguments(cursor, reference);
    parse_deferral(cursor, reference);
}

void parse_deferral(TokenCursor& cursor, ReferenceClause& reference) {
    const bool negated = cursor.accept_words({"not", "deferrable"});
    if (!negated && !cursor.accept_word("deferrable")) {
        return;
    }
    const bool deferred = cursor.accept_words({"initially", "deferred"});
    cursor.accept_words({"initially", "immediate"});
    reference.deferrable = !negated;
    reference.initially_deferred = !negated && deferred;
}

}  // namespace migrate::backends::sqlite
