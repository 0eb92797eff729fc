#include "backends/postgresql/recorded_statement.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace migrate::backends::postgresql {
namespace {

struct Form {
    std::string_view kind;
    std::string_view head;
    std::string_view within = {};  ///< What follows somewhere behind it.
};

/// As objects.sql, settings.sql, privileges.sql, comments.sql and the catalog's sequences and constraints say
/// them.
constexpr std::array k_forms{
    Form{"schema", "CREATE SCHEMA "},
    Form{"extension", "CREATE EXTENSION "},
    Form{"collation", "CREATE COLLATION "},
    Form{"enum", "CREATE TYPE "},
    Form{"composite type", "CREATE TYPE "},
    Form{"range type", "CREATE TYPE "},
    Form{"domain", "CREATE DOMAIN "},
    Form{"sequence", "CREATE SEQUENCE "},
    Form{"partition", "CREATE TABLE ", " PARTITION OF "},
    Form{"partition index", "CREATE INDEX "},
    Form{"partition index", "CREATE UNIQUE INDEX "},
    Form{"partition constraint", "ALTER TABLE ", " ADD CONSTRAINT "},
    Form{"exclusion constraint", "ALTER TABLE ", " ADD CONSTRAINT "},
    Form{"statistics", "CREATE STATISTICS "},
    Form{"function", "CREATE OR REPLACE FUNCTION "},
    Form{"function", "CREATE FUNCTION "},
    Form{"procedure", "CREATE OR REPLACE PROCEDURE "},
    Form{"procedure", "CREATE PROCEDURE "},
    Form{"aggregate", "CREATE AGGREGATE "},
    Form{"operator", "CREATE OPERATOR "},
    Form{"view", "CREATE VIEW "},
    Form{"materialized view", "CREATE MATERIALIZED VIEW "},
    Form{"materialized view index", "CREATE INDEX "},
    Form{"materialized view index", "CREATE UNIQUE INDEX "},
    Form{"rule", "CREATE RULE "},
    Form{"trigger", "CREATE TRIGGER "},
    Form{"trigger", "CREATE CONSTRAINT TRIGGER "},
    Form{"policy", "CREATE POLICY "},
    Form{"comment", "COMMENT ON "},
    Form{"owner", "ALTER ", " OWNER TO "},
    // Without ON a role would be given, not what may be done with something.
    Form{"privilege", "GRANT ", " ON "},
    Form{"privilege", "REVOKE ", " ON "},
    Form{"setting", "ALTER TABLE "},
    Form{"setting", "ALTER FOREIGN TABLE "},
    Form{"setting", "ALTER VIEW "},
    Form{"setting", "ALTER MATERIALIZED VIEW "},
    Form{"setting", "ALTER INDEX "},
    Form{"setting", "ALTER STATISTICS "},
    Form{"setting", "ALTER SEQUENCE "},
    Form{"setting", "ALTER DOMAIN "},
};

}  // namespace

bool is_statement_of_kind(const SchemaObject& object) {
    const std::string_view sql = object.native_sql;
    return std::any_of(k_forms.begin(), k_forms.end(), [&](const Form& form) {
        return form.kind == object.kind && sql.starts_with(form.head) &&
               (form.within.empty() || sql.find(form.within, form.head.size() - 1) != sql.npos);
    });
}

}  // namespace migrate::backends::postgresql
