#include "conformance/real_database.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <stdexcept>

namespace migrate::test {
namespace {

template <class Container>
auto& named(Container& container, const std::string& wanted) {
    const auto found =
        std::find_if(container.begin(), container.end(), [&](const auto& one) { return one.name == wanted; });
    if (found == container.end()) {
        throw std::runtime_error("the test knows no " + wanted);
    }
    return *found;
}

bool has_form(std::string_view text, std::string_view form) {
    return text.size() == form.size() &&
           std::equal(text.begin(), text.end(), form.begin(),
                      [](char c, char f) { return f == '0' ? c >= '0' && c <= '9' : c == f; });
}

bool is_date(const std::string& text) {
    return has_form(text, "0000-00-00");
}

bool is_timestamp(const std::string& text) {
    const std::string_view whole = text;
    return has_form(whole.substr(0, 19), "0000-00-00 00:00:00") &&
           (whole.size() == 19 ||
            (whole[19] == '.' && whole.find_first_not_of("0123456789", 20) == std::string_view::npos));
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

/// What the values of one SQLite column are.
struct Seen {
    std::size_t integers = 0;
    std::size_t reals = 0;
    std::size_t texts = 0;
    std::size_t blobs = 0;
    bool dates = true;
    bool timestamps = true;
    bool truths = true;

    void add(const SqliteValue& value) {
        switch (value.type) {
            case SqliteValue::Class::null:
                break;
            case SqliteValue::Class::integer:
                ++integers;
                truths = truths && (value.integer == 0 || value.integer == 1);
                break;
            case SqliteValue::Class::real:
                ++reals;
                break;
            case SqliteValue::Class::text:
                ++texts;
                dates = dates && is_date(value.bytes);
                timestamps = timestamps && is_timestamp(value.bytes);
                break;
            case SqliteValue::Class::blob:
                ++blobs;
        }
    }

    [[nodiscard]] Nature nature(const std::string& declared) const {
        if (blobs > 0) {
            return Nature::bytes;
        }
        if (texts > 0) {
            const bool alone = integers + reals == 0;
            return alone && dates ? Nature::date : alone && timestamps ? Nature::timestamp : Nature::text;
        }
        if (reals > 0) {
            const bool exact =
                declared.find("dec") != std::string::npos || declared.find("num") != std::string::npos;
            return exact ? Nature::decimal : Nature::real;
        }
        if (integers > 0) {
            return truths && declared.find("bool") != std::string::npos ? Nature::boolean : Nature::integer;
        }
        return empty(declared);
    }

  private:
    /// Without values, what the declaration says (SQLite's rules of affinity).
    static Nature empty(const std::string& declared) {
        const auto has = [&](const char* part) { return declared.find(part) != std::string::npos; };
        if (has("int")) {
            return Nature::integer;
        }
        if (has("char") || has("clob") || has("text")) {
            return Nature::text;
        }
        if (has("blob") || declared.empty()) {
            return Nature::bytes;
        }
        if (has("real") || has("floa") || has("doub")) {
            return Nature::real;
        }
        return has("bool")                  ? Nature::boolean
               : has("date") || has("time") ? Nature::timestamp
                                            : Nature::decimal;
    }
};

RealValue plain(const SqliteValue& value) {
    switch (value.type) {
        case SqliteValue::Class::null:
            return std::nullopt;
        case SqliteValue::Class::integer:
            return std::to_string(value.integer);
        case SqliteValue::Class::real:
            return shortest(value.real);
        default:
            return value.bytes;
    }
}

void measure(RealTable& table) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        RealColumn& column = table.columns[c];
        for (const auto& row : table.rows) {
            if (!row[c]) {
                column.has_null = true;
                continue;
            }
            const std::string& value = *row[c];
            column.longest = std::max(column.longest, characters(value));
            const std::size_t point = value.find('.');
            if (point != std::string::npos) {
                column.fraction = std::max(column.fraction, value.size() - point - 1);
            }
            if (column.nature == Nature::integer) {
                const long long number = std::stoll(value);
                column.zero_or_one = column.zero_or_one && (number == 0 || number == 1);
                column.fits_int32 = column.fits_int32 && number <= std::numeric_limits<int>::max() &&
                                    number >= std::numeric_limits<int>::min();
            }
        }
    }
    for (const std::string& key : table.primary_key) {
        named(table.columns, key).in_primary_key = true;
    }
    for (const RealForeignKey& key : table.foreign_keys) {
        for (const std::string& column : key.columns) {
            named(table.columns, column).references = key.table;
        }
    }
}

std::string literal(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "''" : std::string(1, c);
    }
    return out + "'";
}

void read_sqlite_keys(SqliteDatabase& database, RealDatabase& real, RealTable& table) {
    std::map<std::string, RealForeignKey> keys;
    for (const auto& row :
         database.query("SELECT id, \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(" +
                        literal(table.name) + ") ORDER BY id, seq")) {
        RealForeignKey& key = keys[*row[0]];
        key.columns.push_back(*row[1]);
        // SQLite takes a table by any spelling of its name.
        const auto found = std::find_if(real.tables.begin(), real.tables.end(), [&](const RealTable& other) {
            return lower(other.name) == lower(*row[2]);
        });
        key.table = found == real.tables.end() ? *row[2] : found->name;
        if (row[3]) {
            key.referenced.push_back(*row[3]);
        }
    }
    for (auto& [id, key] : keys) {
        table.foreign_keys.push_back(std::move(key));
    }
}

void read_sqlite_rows(SqliteDatabase& database, RealTable& table) {
    std::vector<Seen> seen(table.columns.size());
    SqliteStatement rows = database.prepare("SELECT * FROM " + sqlite_quote(table.name));
    while (rows.step()) {
        std::vector<RealValue>& row = table.rows.emplace_back();
        for (std::size_t c = 0; c < seen.size(); ++c) {
            const SqliteValue value = rows.value(static_cast<int>(c));
            seen[c].add(value);
            row.push_back(plain(value));
        }
    }
    for (std::size_t c = 0; c < seen.size(); ++c) {
        table.columns[c].nature = seen[c].nature(lower(table.columns[c].declared));
    }
}

Nature nature_of(const std::string& type) {
    const auto is = [&](const char* start) { return type.starts_with(start); };
    if (is("boolean")) {
        return Nature::boolean;
    }
    if (is("smallint") || is("integer") || is("bigint")) {
        return Nature::integer;
    }
    if (is("numeric")) {
        return Nature::decimal;
    }
    if (is("real") || is("double")) {
        return Nature::real;
    }
    return is("bytea")       ? Nature::bytes
           : is("timestamp") ? Nature::timestamp
           : is("date")      ? Nature::date
                             : Nature::text;
}

std::string bytes_of_hex(const std::string& text) {
    std::string out;
    for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
        out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    }
    return out;
}

std::vector<std::string> names_in(PgConnection& connection, const std::string& relation,
                                  const std::string& numbers) {
    std::vector<std::string> out;
    for (const auto& row : connection.query(
             "SELECT attname FROM unnest($1::int2[]) WITH ORDINALITY n(number, place) JOIN pg_attribute ON "
             "attrelid = $2::oid AND attnum = number ORDER BY place",
             {numbers, relation})) {
        out.push_back(*row[0]);
    }
    return out;
}

void read_postgresql_table(PgConnection& connection, const std::string& oid, RealTable& table) {
    for (const auto& row : connection.query(
             "SELECT attname, CASE WHEN typtype = 'd' THEN format_type(typbasetype, typtypmod) ELSE "
             "format_type(atttypid, atttypmod) END FROM pg_attribute a JOIN pg_type t ON t.oid = atttypid "
             "WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
             {oid})) {
        RealColumn& column = table.columns.emplace_back();
        column.name = *row[0];
        column.declared = *row[1];
        column.nature = nature_of(*row[1]);
    }
    for (const auto& row : connection.query(
             "SELECT contype, conkey, coalesce(f.relname, ''), coalesce(confkey, '{}'), confrelid FROM "
             "pg_constraint LEFT JOIN pg_class f ON f.oid = confrelid WHERE conrelid = $1::oid AND contype "
             "IN "
             "('p', 'f') ORDER BY conname",
             {oid})) {
        if (*row[0] == "p") {
            table.primary_key = names_in(connection, oid, *row[1]);
        } else {
            table.foreign_keys.push_back(
                {names_in(connection, oid, *row[1]), *row[2], names_in(connection, *row[4], *row[3])});
        }
    }
    for (const auto& values : connection.query("SELECT * FROM ONLY public." + connection.quote(table.name))) {
        std::vector<RealValue>& row = table.rows.emplace_back(values);
        for (std::size_t c = 0; c < row.size(); ++c) {
            if (row[c] && table.columns[c].nature == Nature::bytes) {
                row[c] = bytes_of_hex(*row[c]);
            }
        }
    }
}

}  // namespace

std::string shortest(double value) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
}

std::size_t characters(const std::string& utf8) {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

const RealColumn& RealTable::column(const std::string& wanted) const {
    return named(columns, wanted);
}

const RealTable& RealDatabase::table(const std::string& wanted) const {
    return named(tables, wanted);
}

bool RealDatabase::is_referenced(const std::string& wanted) const {
    return std::any_of(tables.begin(), tables.end(), [&](const RealTable& table) {
        return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                           [&](const RealForeignKey& key) { return key.table == wanted; });
    });
}

std::size_t RealDatabase::row_count() const {
    std::size_t count = 0;
    for (const RealTable& table : tables) {
        count += table.rows.size();
    }
    return count;
}

RealDatabase read_real_sqlite(const std::string& path) {
    SqliteDatabase database(path, true);
    RealDatabase real;
    for (const auto& row : database.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT "
                                          "LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid")) {
        real.tables.emplace_back().name = *row[0];
    }
    for (RealTable& table : real.tables) {
        std::map<int, std::string> key;
        for (const auto& row : database.query("SELECT name, type, pk FROM pragma_table_info(" +
                                              literal(table.name) + ") ORDER BY cid")) {
            RealColumn& column = table.columns.emplace_back();
            column.name = *row[0];
            column.declared = *row[1];
            if (*row[2] != "0") {
                key[std::stoi(*row[2])] = *row[0];
            }
        }
        for (const auto& [place, name] : key) {
            table.primary_key.push_back(name);
        }
        read_sqlite_keys(database, real, table);
        read_sqlite_rows(database, table);
        measure(table);
    }
    return real;
}

RealDatabase read_real_postgresql(PgConnection& connection) {
    connection.exec("SET DateStyle = ISO; SET extra_float_digits = 3; SET bytea_output = hex");
    RealDatabase real;
    for (const auto& row : connection.query("SELECT relname, oid FROM pg_class WHERE relkind = 'r' AND "
                                            "relnamespace = 'public'::regnamespace ORDER BY relname")) {
        RealTable& table = real.tables.emplace_back();
        table.name = *row[0];
        read_postgresql_table(connection, *row[1], table);
        measure(table);
    }
    return real;
}

}  // namespace migrate::test
