#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/endpoint.hpp>
#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// Two endpoints to compare, without a migration between them.
struct VerifyRequest {
    Endpoint from;
    Endpoint to;
    PlanOptions options;  ///< Whatever says what a migration would make of the source: give those that the
                          ///< target was made with.
    bool rows_only =
        false;  ///< Compares tables, columns, rows and values; keys, types, defaults, views… not.
};

/// How one table compares.
struct TableComparison {
    std::string source;  ///< Name; empty if only the target has it.
    std::string target;  ///< Name; empty if only the source has it.
    std::uint64_t source_rows = 0;
    std::uint64_t target_rows = 0;
    Digest source_digest;  ///< Meaningful at standard and above.
    Digest target_digest;
    std::optional<Digest> source_text_digest;  ///< At forensic: of the values as read in text. Of a run's
                                               ///< source not where rows or values were rejected.
    std::optional<Digest> target_text_digest;
    bool equal = false;
    std::string note;  ///< What differs; empty if equal.
};

/// Something of the schema that is not at the target as a migration of the source would make it there.
struct SchemaDifference {
    enum class Kind : std::uint8_t { only_in_source, only_in_target, changed };
    Kind kind = Kind::changed;
    std::string object;    ///< "table album, column title"; of the target where it is only there.
    std::string expected;  ///< What a migration would make, in the target's terms; empty if only_in_target.
    std::string found;     ///< What is there; empty if only_in_source.
};

/// One row that is not the same on both sides. Holds row values.
struct RowDifference {
    enum class Kind : std::uint8_t { only_in_source, only_in_target, changed };
    Kind kind = Kind::changed;
    std::string table;                       ///< As the source names it.
    std::vector<std::string> key;            ///< The primary key as text; the whole row where there is none.
    std::vector<std::string> columns;        ///< Those that differ, when changed.
    std::vector<std::string> source_values;  ///< Of those columns, as text; "NULL" for NULL.
    std::vector<std::string> target_values;
};

/// The same query on both sides, by fresh sessions that have read it once before.
struct QueryTiming {
    enum class Query : std::uint8_t { point, range, aggregate };
    std::string table;           ///< As the source names it.
    Query query = Query::point;  ///< One row by its primary key; rows between two keys; a count of all rows.
    std::uint64_t queries = 0;   ///< How many were timed.
    std::chrono::microseconds source{0};  ///< The median of one.
    std::chrono::microseconds target{0};
};

/// The outcome of a comparison.
struct VerificationReport {
    VerificationLevel level = VerificationLevel::standard;
    std::vector<TableComparison> tables;
    /// Of a comparison. A migration's own run has findings instead, and at rigorous what is at the target and
    /// should not be, and rules that its rows break.
    std::vector<SchemaDifference> schema;
    std::vector<Finding> findings;     ///< What could not be compared, and why.
    std::vector<RowDifference> rows;   ///< At rigorous: those that differ, the first 100 by key. Row values.
    bool rows_truncated = false;       ///< More rows differ than are listed.
    std::vector<QueryTiming> timings;  ///< At rigorous.
    std::chrono::milliseconds duration{0};

    /// Rows, values and schema.
    [[nodiscard]] MIGRATE_EXPORT bool equal() const noexcept;
    /// 0 or 4.
    [[nodiscard]] int exit_code() const noexcept { return equal() ? 0 : 4; }
};

/// What differs, schema and rows.
struct DiffReport {
    VerificationReport verification;
    std::vector<RowDifference>
        rows;                ///< The first of each table, by key; at most DiffRequest::max_rows in all.
    bool truncated = false;  ///< More rows differ than are listed.
};

struct DiffRequest {
    VerifyRequest compare;
    std::uint64_t max_rows = 100;  ///< Rows listed; raising it costs nothing but output.
};

MIGRATE_EXPORT std::string_view to_string(QueryTiming::Query query) noexcept;

MIGRATE_NAMESPACE_END
