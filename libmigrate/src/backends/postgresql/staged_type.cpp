#include "backends/postgresql/staged_type.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "backends/postgresql/attempt.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr std::array<std::string_view, 11> k_naming{
    "regclass", "regtype",     "regproc",   "regprocedure",  "regnamespace", "regrole",
    "regoper",  "regoperator", "regconfig", "regdictionary", "regcollation"};

bool names_other_things(const Table& table, const Column& column) {
    // The partitions are made with the source's types; they and their root must agree.
    if (table.properties.contains(property::k_partition_key) || column.generated) {
        return false;
    }
    std::string_view type = column.native_type;
    type = type.substr(0, type.find('['));
    return std::find(k_naming.begin(), k_naming.end(), type) != k_naming.end();
}

/// The server changes the type of no column that a generated one uses.
Finding left_as_text(const Table& table, const Column& column, const std::string& object) {
    const bool used = std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& other) {
        return other.generated && other.generated->expression.find(column.name) != std::string::npos;
    });
    if (used) {
        return {Severity::left_out,
                "type-left-out",
                object,
                fmt::format("It stays text: a generated column uses it, so it cannot become {} afterwards.",
                            column.native_type),
                "Drop the generated column, ALTER TABLE … ALTER COLUMN … TYPE, and add it again.",
                0};
    }
    return {Severity::left_out,
            "type-left-out",
            object,
            fmt::format("It stays text: not every value names a {} here.", column.native_type),
            "Make what it names, then ALTER TABLE … ALTER COLUMN … TYPE.",
            0};
}

}  // namespace

std::string staged_type_of(const Table& table, const Column& column) {
    return names_other_things(table, column) ? "text" : column.native_type;
}

void settle_staged_types(session::PostgresqlSession& session, const Schema& schema,
                         std::vector<Finding>& findings) {
    for (const Table& table : schema.tables) {
        for (const Column& column : table.columns) {
            if (!names_other_things(table, column)) {
                continue;
            }
            const std::string object = fmt::format("table {}, column {}", table.name.display(), column.name);
            const std::string name = quote_identifier(column.name);
            // The cast from text to regclass knows names only; its input function knows the numbers of what
            // is gone, too.
            const std::string value = column.native_type == "regclass"
                                          ? fmt::format("pg_catalog.regclassin(pg_catalog.textout({}))", name)
                                          : fmt::format("{}::{}", name, column.native_type);
            // In one statement, so that a value that would be another fails it as one that cannot be cast
            // does.
            const auto reason = attempt(
                session,
                fmt::format("ALTER TABLE {0} ALTER COLUMN {1} TYPE {2} USING CASE WHEN "
                            "({3})::pg_catalog.text = {1} THEN {3} ELSE ('not the same: ' || {1})::{2} END",
                            quote_name(table.name), name, column.native_type, value),
                object);
            if (reason) {
                findings.push_back(left_as_text(table, column, object));
            }
        }
    }
}

}  // namespace migrate::backends::postgresql
