#pragma once

#include <optional>
#include <string>
#include <vector>

#include <migrate/expression.hpp>
#include <migrate/schema.hpp>

namespace migrate::backends::sqlite {

/// An expression as it stands in a definition, and as a tree where it could be read.
struct ExpressionText {
    std::string text;  ///< Without the parentheses around it.
    std::optional<Expression> tree;
    std::string why_not;  ///< Why there is no tree.
};

/// A part of a key or index.
struct KeyPart {
    std::string column;         ///< Empty if an expression.
    ExpressionText expression;  ///< Of an expression part; its COLLATE is in `collation`.
    std::string collation;
    bool descending = false;
};

/// PRIMARY KEY or UNIQUE; conflict is "", "ABORT", "REPLACE"…
struct KeyClause {
    std::string name;
    std::vector<KeyPart> parts;
    std::string conflict;
    bool autoincrement = false;
};

struct CheckClause {
    std::string name;
    ExpressionText expression;
};

struct ReferenceClause {
    std::string name;
    std::vector<std::string> columns;
    std::string table;
    std::vector<std::string> referenced_columns;  ///< Empty = the primary key.
    ReferenceAction on_update = ReferenceAction::no_action;
    ReferenceAction on_delete = ReferenceAction::no_action;
    std::string match;  ///< Upper case; SQLite reads and ignores it.
    bool deferrable = false;
    bool initially_deferred = false;
};

struct DefaultClause {
    ExpressionText expression;
    bool parenthesised = false;
};

struct GeneratedClause {
    ExpressionText expression;
    bool stored = false;
};

struct ColumnDefinition {
    std::string name;
    std::string type;  ///< Exactly as spelled; empty if none.
    bool not_null = false;
    std::string not_null_conflict;
    std::string collation;
    std::optional<DefaultClause> default_value;
    std::optional<GeneratedClause> generated;
};

/// What a CREATE TABLE says. Constraints written at a column stand in the table's lists too, in order.
struct TableDefinition {
    std::string name;
    bool temporary = false;
    std::vector<ColumnDefinition> columns;
    std::optional<KeyClause> primary_key;
    std::vector<KeyClause> unique_keys;
    std::vector<CheckClause> checks;
    std::vector<ReferenceClause> foreign_keys;
    bool without_rowid = false;
    bool strict = false;

    /// By name, ignoring ASCII case as SQLite does; null if there is none.
    [[nodiscard]] const ColumnDefinition* find_column(std::string_view column) const noexcept;
};

/// What a CREATE INDEX says.
struct IndexDefinition {
    std::string name;
    std::string table;
    bool unique = false;
    std::vector<KeyPart> parts;
    std::optional<ExpressionText> predicate;
};

}  // namespace migrate::backends::sqlite
