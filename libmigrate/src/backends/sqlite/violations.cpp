#include "backends/sqlite/violations.hpp"

#include <migrate/error.hpp>

#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/recorded_type.hpp"
#include "model/expression_parser.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"
#include "util/human.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr const char* k_examples = "3";
constexpr std::string_view k_doing = "look for rows that break keys in";

std::string list_of(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

class Search {
  public:
    Search(const SqliteSession& session, const Schema& schema, bool orphans)
        : m_session(session), m_schema(schema), m_orphans(orphans) {}

    std::vector<Finding> run() {
        for (const Table& table : m_schema.tables) {
            for (const ForeignKey& key : table.foreign_keys) {
                if (m_orphans) {
                    look_for_orphans(table, key);
                }
            }
            look_for_null_keys(table);
            for (const Check& check : table.checks) {
                look_for_violators(table, check);
            }
        }
        return std::move(m_findings);
    }

  private:
    void look_for_orphans(const Table& table, const ForeignKey& key) {
        const Table* parent = m_schema.find_table(key.referenced_table);
        if (parent == nullptr) {
            return;
        }
        std::vector<std::string> referenced = key.referenced_columns;
        if (referenced.empty() && parent->primary_key) {
            referenced = parent->primary_key->columns;
        }
        std::string present;
        std::string same;
        bool folds = false;
        for (std::size_t i = 0; i < key.columns.size(); ++i) {
            const Column* from = table.find_column(key.columns[i]);
            const Column* to = i < referenced.size() ? parent->find_column(referenced[i]) : nullptr;
            // What two formats hold is compared after the load, when it is in one form.
            if (from == nullptr || to == nullptr || from->format != to->format ||
                referenced.size() != key.columns.size()) {
                return;
            }
            const std::string child = "child." + quote_identifier(from->name);
            const std::string parent_column = "parent." + quote_identifier(to->name);
            const bool caseless = is_citext(from->type) && is_citext(to->type);
            const std::string equal = caseless ? "lower(" + parent_column + ") = lower(" + child + ")"
                                               : parent_column + " = " + child;
            present += (i == 0 ? "" : " AND ") + child + " IS NOT NULL";
            if (caseless) {
                // Which letters beyond ASCII are the same the server alone knows: it counts them after the
                // load.
                present += " AND " + child + " NOT GLOB '*[^' || char(1) || '-~]*'";
            }
            same += (i == 0 ? "" : " AND ") + equal;
            // The plain comparison first, because an index serves it.
            const bool exact = !to->collation.empty();
            same += exact ? " AND " + equal + " COLLATE BINARY" : "";
            folds = folds || exact;
        }
        // A join and no subquery, because only for a join SQLite makes an index where there is none.
        const std::string join =
            " LEFT JOIN main." + quote_identifier(parent->name.name) + " AS parent ON " + same;
        report(table, join, present + " AND parent." + quote_identifier(referenced[0]) + " IS NULL",
               {"orphans-at-source", "foreign key (" + list_of(key.columns) + ")", "points", "point",
                " to rows of " + parent->name.display() + " that are not there" +
                    (folds ? ", or only in other letters' case or with other blanks" : ""),
                "Mend the rows at the source, or choose with --on-orphan."});
    }

    void look_for_null_keys(const Table& table) {
        if (!table.primary_key) {
            return;
        }
        std::string null;
        for (const std::string& name : table.primary_key->columns) {
            const Column* column = table.find_column(name);
            if (column != nullptr && column->nullable) {
                null += (null.empty() ? "" : " OR ") + std::string("child.") + quote_identifier(name) +
                        " IS NULL";
            }
        }
        if (!null.empty()) {
            report(table, "", "(" + null + ")",
                   {"null-keys-at-source", "primary key (" + list_of(table.primary_key->columns) + ")", "has",
                    "have", " NULL in the primary key, which SQLite allows",
                    "Give those rows a key at the source; else the key becomes a unique constraint."});
        }
    }

    void look_for_violators(const Table& table, const Check& check) {
        if (!model::parse_expression(check.expression, Dialect::sqlite)) {
            return;
        }
        try {
            report(table, "", "NOT (" + check.expression + ")",
                   {"check-violations-at-source",
                    "check " + (check.name.empty() ? "of " + table.name.display() : check.name), "violates",
                    "violate", " the check",
                    "Mend the rows at the source, leave them out with --on-reject dead-letter, or the check "
                    "with "
                    "--skip checks."});
        } catch (const Error& error) {
            // A function of the application's own is not there: its checks cannot be tried.
            if (error.retryable() || error.code() == ErrorCode::cancelled ||
                error.code() == ErrorCode::corrupt || error.code() == ErrorCode::io) {
                throw;
            }
        }
    }

    struct Rule {
        const char* code;
        std::string object;
        const char* one;
        const char* many;
        std::string message;
        const char* next_step;
    };

    void report(const Table& table, const std::string& join, const std::string& condition, const Rule& rule) {
        const std::string from =
            " FROM main." + quote_identifier(table.name.name) + " AS child" + join + " WHERE " + condition;
        const auto count =
            static_cast<std::uint64_t>(m_session.query_integer("SELECT count(*)" + from, k_doing));
        if (count == 0) {
            return;
        }
        m_findings.push_back(
            {Severity::left_out, rule.code, "table " + table.name.display() + ", " + rule.object,
             util::human_rows(count, rule.one, rule.many) + rule.message + examples(table, from, count),
             rule.next_step, count});
    }

    /// Which rows: by rowid, because a finding says no values of columns.
    [[nodiscard]] std::string examples(const Table& table, const std::string& from,
                                       std::uint64_t count) const {
        const std::string rowid = rowid_name(table);
        if (rowid.empty()) {
            return {};
        }
        const std::string id = "child." + quote_identifier(rowid);
        SqliteStatement find(m_session, "SELECT " + id + from + " ORDER BY " + id + " LIMIT " + k_examples,
                             k_doing);
        std::vector<std::string> ids;
        while (find.step()) {
            ids.push_back(std::to_string(find.integer(0)));
        }
        return (count > ids.size() ? ", for example rowid " : ": rowid ") + list_of(ids);
    }

    const SqliteSession& m_session;
    const Schema& m_schema;
    bool m_orphans;
    std::vector<Finding> m_findings;
};

}  // namespace

std::vector<Finding> find_violations(const SqliteSession& session, const Schema& schema, bool orphans) {
    return Search(session, schema, orphans).run();
}

}  // namespace migrate::backends::sqlite
