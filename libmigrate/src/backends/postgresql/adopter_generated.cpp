#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/translation.hpp"
#include "model/sql_lexer.hpp"

namespace migrate::backends::postgresql {
namespace {

/// Types of one family take each other's place in an expression.
int family_of(const LogicalType& type) {
    switch (type.kind) {
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return static_cast<int>(TypeKind::int64);
        case TypeKind::float32:
        case TypeKind::float64:
            return static_cast<int>(TypeKind::float64);
        default:
            return static_cast<int>(type.kind);
    }
}

bool is_identifier(const model::Token& token) {
    return token.kind == model::TokenKind::word || token.kind == model::TokenKind::double_quoted;
}

bool is_outdated(const Column& recorded, const Table& out) {
    const Column* now = out.find_column(recorded.name);
    return now != nullptr && now->native_type != recorded.native_type &&
           family_of(now->type) != family_of(recorded.type);
}

bool names_column(const std::vector<model::Token>& tokens, const std::string& column) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const model::Token& token) {
        return is_identifier(token) && token.text == column;
    });
}

/// The first column of another type that recorded SQL speaks of; empty if there is none.
std::string outdated_column(const std::string& sql, const Table& origin, const Table& out) {
    if (sql.empty()) {
        return {};
    }
    const auto tokens = model::tokenize(sql, Dialect::postgresql);
    for (const Column& column : origin.columns) {
        if (names_column(tokens, column.name) && is_outdated(column, out)) {
            return column.name;
        }
    }
    return {};
}

/// Another generated column that a generated one is computed from; empty if there is none.
std::string generated_operand(const Table& table, const Column& column) {
    const auto tokens = model::tokenize(column.generated->expression, Dialect::postgresql);
    for (const Column& other : table.columns) {
        if (&other != &column && other.generated && names_column(tokens, other.name)) {
            return other.name;
        }
    }
    return {};
}

}  // namespace

void Adopter::leave_generated_out(const Table& table, std::size_t column, const std::string& why) {
    note_definition(
        table, Severity::left_out, "generated-left-out",
        fmt::format("table {}, column {}", table.name.display(), table.columns[column].name),
        fmt::format("Its expression has no equal in PostgreSQL ({}); its values are copied.", why),
        "Make the column generated after the migration.");
}

void Adopter::adopt_generated(const Table& table, Table& out) {
    std::vector<std::size_t> made;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        // What calls functions of the database's own is listed already.
        if (!column.generated || out.columns[i].generated ||
            (same_engine() && column.properties.contains(property::k_calls_code))) {
            continue;
        }
        const Translation translation = translate_generated(m_source, table, out, column, out.columns[i]);
        if (translation.sql) {
            out.columns[i].generated = GeneratedValue{*translation.sql, true};
            made.push_back(i);
        } else {
            leave_generated_out(table, i, translation.why_not);
        }
    }
    for (const std::size_t i : made) {
        const std::string operand = generated_operand(out, out.columns[i]);
        if (!operand.empty()) {
            out.columns[i].generated.reset();
            leave_generated_out(table, i,
                                "it is computed from " + operand +
                                    ", which is generated itself, and that is not allowed there");
        } else if (!table.columns[i].generated->stored) {
            note_definition(
                table, Severity::note, "generated-stored",
                fmt::format("table {}, column {}", table.name.display(), table.columns[i].name),
                "It is VIRTUAL in SQLite and becomes STORED, the only kind that PostgreSQL has up to "
                "version 17: its values take up space and are computed when a row is written.");
        }
    }
}

void Adopter::leave_outdated_generated(const Table& origin, const Table& table, Table& out) {
    for (std::size_t i = 0; i < out.columns.size(); ++i) {
        Column& column = out.columns[i];
        if (!column.generated) {
            continue;
        }
        const std::string of = outdated_column(column.generated->expression, origin, out);
        if (of.empty()) {
            continue;
        }
        column.generated.reset();
        if (!table.columns[i].generated) {
            note_definition(
                table, Severity::left_out, "generated-left-out",
                fmt::format("table {}, column {}", table.name.display(), column.name),
                fmt::format("It was computed from {}, which is no longer what it was when it came here, but "
                            "{}; its values are copied.",
                            of, out.find_column(of)->native_type),
                "Mend the values of that column, or make this one generated after the migration.");
        }
    }
}

bool Adopter::leave_outdated_check(const Check& check, const Table& origin, const Table& out) {
    const std::string of = outdated_column(check.expression, origin, out);
    if (of.empty()) {
        return false;
    }
    note_definition(out, Severity::left_out, "check-left-out",
                    fmt::format("table {}, check {}", out.name.display(), check.name),
                    fmt::format("It is about {}, which is no longer what it was when it came here, but {}.",
                                of, out.find_column(of)->native_type),
                    "Mend the values of that column, or ALTER TABLE … ADD CHECK after the migration.");
    return true;
}

bool Adopter::leave_outdated_index(const Index& index, const Table& origin, const Table& out) {
    std::string of = outdated_column(index.predicate, origin, out);
    for (const IndexPart& part : index.parts) {
        if (of.empty() && !part.expression.empty()) {
            of = outdated_column(part.expression, origin, out);
        }
        // What sorts every type, sorts this one too.
        const bool particular =
            !part.operator_class.empty() || (!index.method.empty() && index.method != "btree");
        const Column* recorded = part.column.empty() ? nullptr : origin.find_column(part.column);
        if (of.empty() && particular && recorded != nullptr && is_outdated(*recorded, out)) {
            of = recorded->name;
        }
    }
    if (of.empty()) {
        return false;
    }
    note_definition(out, Severity::left_out, "index-left-out",
                    fmt::format("index {} on {}", index.name, out.name.display()),
                    fmt::format("It is about {}, which is no longer what it was when it came here, but {}.",
                                of, out.find_column(of)->native_type),
                    "Mend the values of that column, or CREATE INDEX after the migration.");
    return true;
}

}  // namespace migrate::backends::postgresql
