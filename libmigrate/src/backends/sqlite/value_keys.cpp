#include "backends/sqlite/value_keys.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <sqlite3.h>

#include "backend/stored_form.hpp"
#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/cell.hpp"
#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/recorded_type.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"
#include "util/byte_order.hpp"
#include "util/human.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr const char* k_function = "migrate_value_of";
constexpr const char* k_examples = "3";
constexpr std::string_view k_doing = "look for repeated keys in";

std::string list_of(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

/// The same bytes for the same value.
std::string bytes_of(const LogicalType& type, const ColumnVector& value, std::size_t row) {
    constexpr std::int64_t k_day = 86'400'000'000;
    std::string bytes;
    if (value.layout() == ValueLayout::fixed) {
        const std::int64_t slot = value.fixed(row);
        bytes.assign(reinterpret_cast<const char*>(&slot), sizeof slot);
        return bytes;
    }
    bytes = value.bytes(row);
    if (is_citext(type)) {
        // Of letters beyond ASCII the server alone knows which are the same.
        return util::lower_ascii(bytes);
    }
    if (value.kind() == TypeKind::interval && bytes.size() == 16) {
        // PostgreSQL compares months as 30 days, and days as 24 hours.
        const std::int64_t days = util::load_big<std::int32_t>(bytes.data() + 8) +
                                  util::load_big<std::int32_t>(bytes.data() + 12) * std::int64_t{30};
        const __int128 all = static_cast<__int128>(days) * k_day + util::load_big<std::int64_t>(bytes.data());
        bytes.assign(reinterpret_cast<const char*>(&all), sizeof all);
        return bytes;
    }
    if (value.kind() == TypeKind::decimal && bytes.size() >= 8) {
        // Trailing zeros are told by the scale alone.
        bytes[6] = bytes[7] = 0;
    }
    return bytes;
}

/// SQLite's function of one column: what it holds as its type's value. Nothing calls it but this search, and
/// nothing is left of it afterwards.
class ValueFunction {
  public:
    ValueFunction(const SqliteSession& session, const std::vector<ColumnCodec>& codecs) : m_session(session) {
        sqlite3_create_function_v2(
            m_session.handle(), k_function, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
            const_cast<std::vector<ColumnCodec>*>(&codecs), &call, nullptr, nullptr, nullptr);
    }
    ~ValueFunction() {
        sqlite3_create_function_v2(m_session.handle(), k_function, 2, SQLITE_UTF8, nullptr, nullptr, nullptr,
                                   nullptr, nullptr);
    }
    ValueFunction(const ValueFunction&) = delete;
    ValueFunction& operator=(const ValueFunction&) = delete;

  private:
    static void call(sqlite3_context* context, int, sqlite3_value** arguments) {
        const auto& codecs = *static_cast<const std::vector<ColumnCodec>*>(sqlite3_user_data(context));
        const ColumnCodec& codec = codecs[static_cast<std::size_t>(sqlite3_value_int64(arguments[0]))];
        ColumnVector value(codec.type().kind);
        if (!codec.decode(cell_of(arguments[1]), value)) {
            // It will be no row of the target's.
            sqlite3_result_null(context);
            return;
        }
        const std::string bytes = bytes_of(codec.type(), value, 0);
        sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    }

    const SqliteSession& m_session;
};

class Search {
  public:
    Search(const SqliteSession& session, const Schema& schema) : m_session(session), m_schema(schema) {}

    std::vector<Finding> run() {
        for (const Table& table : m_schema.tables) {
            if (table.primary_key) {
                look_at(table, table.primary_key->columns, "primary key ");
            }
            for (const Key& key : table.unique_keys) {
                look_at(table, key.columns, "unique key ");
            }
            for (const Index& index : table.indexes) {
                if (index.unique && index.predicate.empty()) {
                    std::vector<std::string> columns;
                    for (const IndexPart& part : index.parts) {
                        columns.push_back(part.column);
                    }
                    look_at(table, columns, "unique key ");
                }
            }
        }
        return std::move(m_findings);
    }

  private:
    void look_at(const Table& table, const std::vector<std::string>& columns, const char* what) {
        std::vector<ColumnCodec> codecs;
        std::string values;
        std::string present;
        bool marked = false;
        for (const std::string& name : columns) {
            const Column* column = table.find_column(name);
            if (column == nullptr) {
                return;
            }
            marked = marked || column->properties.contains(backend::k_many_spellings);
            const std::string value = std::string(k_function) + "(" + std::to_string(codecs.size()) + ", " +
                                      quote_identifier(name) + ")";
            values += (values.empty() ? "" : ", ") + value;
            present += (present.empty() ? "" : " AND ") + value + " IS NOT NULL";
            codecs.emplace_back(column->type, column->format);
        }
        if (marked) {
            report(table, "(" + list_of(columns) + ")", what, codecs,
                   " FROM main." + quote_identifier(table.name.name) + " WHERE " + present + " GROUP BY " +
                       values + " HAVING count(*) > 1");
        }
    }

    void report(const Table& table, const std::string& columns, const std::string& what,
                const std::vector<ColumnCodec>& codecs, const std::string& groups) {
        const ValueFunction function(m_session, codecs);
        const auto count = static_cast<std::uint64_t>(m_session.query_integer(
            "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n" + groups + ")", k_doing));
        if (count == 0) {
            return;
        }
        m_findings.push_back({Severity::left_out, "repeated-values-at-source",
                              "table " + table.name.display() + ", " + what + columns,
                              util::human_rows(count, "repeats", "repeat") +
                                  " the key of another by value, spelled otherwise" + examples(table, groups),
                              "Mend the rows at the source, leave them out with --on-reject dead-letter, or "
                              "keep the spellings "
                              "with --type TABLE.COLUMN=text.",
                              count});
    }

    [[nodiscard]] std::string examples(const Table& table, const std::string& groups) const {
        const std::string rowid = rowid_name(table);
        if (rowid.empty()) {
            return {};
        }
        const std::string id = quote_identifier(rowid);
        SqliteStatement find(
            m_session, "SELECT max(" + id + "), min(" + id + ")" + groups + " ORDER BY 1 LIMIT " + k_examples,
            k_doing);
        std::string list;
        while (find.step()) {
            list += (list.empty() ? ": rowid " : ", ") + std::to_string(find.integer(0)) + " that of " +
                    std::to_string(find.integer(1));
        }
        return list;
    }

    const SqliteSession& m_session;
    const Schema& m_schema;
    std::vector<Finding> m_findings;
};

}  // namespace

std::vector<Finding> find_repeated_values(const SqliteSession& session, const Schema& schema) {
    return Search(session, schema).run();
}

}  // namespace migrate::backends::sqlite
