#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// Where something stands in the file that it was read from; both from 1, 0 = it came from no file.
struct SourcePosition {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

/// A text of a mapping. Empty = not given.
struct MappingText {
    std::string text;
    SourcePosition at;
    /// True where each byte of the text is one column further on in the file, so that a place inside it can
    /// be named exactly.
    bool plain = false;

    [[nodiscard]] bool empty() const noexcept { return text.empty(); }
    friend bool operator==(const MappingText&, const MappingText&) = default;
};

/// A value written in a mapping.
struct MappingValue {
    enum class Kind : std::uint8_t { absent, null, boolean, number, text };
    Kind kind = Kind::absent;
    std::string text;  ///< "true", "12.50", or the text.
    SourcePosition at;

    [[nodiscard]] bool empty() const noexcept { return kind == Kind::absent; }
    friend bool operator==(const MappingValue&, const MappingValue&) = default;
};

/// One entry of a value map.
struct MappedValue {
    MappingValue from;  ///< null: what becomes of NULL.
    MappingValue to;
    friend bool operator==(const MappedValue&, const MappedValue&) = default;
};

/// What becomes of a value that a value map does not name.
enum class UnmappedValue : std::uint8_t {
    reject,  ///< The row is rejected; NULL stays NULL.
    keep,    ///< It stays as it is.
    set,     ///< It becomes ColumnMapping::otherwise_value; NULL too, unless the map names it.
};

/// What becomes of one column of the source.
struct ColumnMapping {
    MappingText column;      ///< As the source spells it.
    MappingText to;          ///< Its name at the target; empty = its own.
    MappingText type;        ///< The logical type its values get ("decimal(12,2)"); empty = as read.
    MappingText format;      ///< How the source holds the type, where there are several ways.
    MappingText expression;  ///< What its values are made by; empty = they stay as they are.
    std::vector<MappedValue> values;
    UnmappedValue otherwise = UnmappedValue::reject;
    MappingValue otherwise_value;
    friend bool operator==(const ColumnMapping&, const ColumnMapping&) = default;
};

/// A column that the source does not have: a constant or an expression.
struct ComputedColumn {
    MappingText name;
    MappingText expression;
    MappingValue constant;
    MappingText type;  ///< Empty = what the expression gives.
    friend bool operator==(const ComputedColumn&, const ComputedColumn&) = default;
};

/// One way of a source table into a target table. Several of one source split it, several into one target
/// merge them.
struct TableMapping {
    MappingText from;                  ///< As the source spells it, with "schema." where there is one.
    MappingText to;                    ///< Its name at the target; empty = its own.
    MappingText where;                 ///< Which rows travel: those for which this is true; empty = all.
    std::vector<MappingText> include;  ///< Only these columns; globs with * and ?; empty = all.
    std::vector<MappingText> exclude;  ///< Not these columns.
    std::vector<ColumnMapping> columns;
    std::vector<ComputedColumn> compute;
    std::vector<MappingText> key;  ///< The target's primary key, by its names; empty = the source's, where it
                                   ///< still holds.
    friend bool operator==(const TableMapping&, const TableMapping&) = default;
};

/// What a migration takes along and how, column by column: the content of a mapping file. A plain value: it
/// is checked against the databases when a plan is made. The language of its expressions is described in
/// doc/mapping.md; they are evaluated here, row by row, and never sent to a server or a shell.
struct MappingSpec {
    std::string file;                  ///< Its name, for messages; empty = none.
    std::vector<MappingText> include;  ///< Only these source tables; globs; empty = all.
    std::vector<MappingText> exclude;  ///< Not these.
    std::vector<TableMapping> tables;  ///< Those that do not travel as they are.
    std::vector<MappingText> order;    ///< Target tables that are loaded first, in this order.

    [[nodiscard]] bool empty() const noexcept {
        return include.empty() && exclude.empty() && tables.empty() && order.empty();
    }
    friend bool operator==(const MappingSpec&, const MappingSpec&) = default;
};

MIGRATE_NAMESPACE_END
