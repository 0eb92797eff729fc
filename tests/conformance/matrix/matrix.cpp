#include "conformance/matrix/matrix.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/compare/database_reader.hpp"
#include "support/leg.hpp"
#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test::matrix {
namespace {

constexpr std::array k_engines = {"sqlite", "postgresql", "json"};
constexpr const char* k_refused = "(the engine refuses it)";

std::string printable(const std::string& text) {
    std::string out;
    for (const char c : text) {
        char escape[8];
        std::snprintf(escape, sizeof(escape), "\\x%02x", static_cast<unsigned char>(c));
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == '\x7f' || c == '\\';
        out += control ? c == '\\' ? "\\\\" : escape : std::string(1, c);
    }
    return out;
}

std::string hex(const std::string& bytes) {
    std::string out;
    for (const char c : bytes) {
        char digits[3];
        std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(c));
        out += digits;
    }
    return out;
}

std::string shown(const Value& value) {
    switch (value.kind) {
        case Value::Kind::null:
            return "NULL";
        case Value::Kind::integer:
            return "integer " + value.text;
        case Value::Kind::real:
            return "real " + value.text;
        case Value::Kind::text:
            return "text '" + value.text + "'";
        case Value::Kind::blob:
            return "blob " + hex(value.text);
        case Value::Kind::string:
            return "\"" + value.text + "\"";
        default:
            return value.text;
    }
}

/// The type alone, out of "type bigint, not null …".
std::string type_of(const ComparedColumn& column, const std::string& engine) {
    if (engine == "json") {
        return column.type;
    }
    const std::size_t end = column.definition.find(", not null ");
    return column.definition.substr(5, end - 5);
}

struct Place {
    Place(const std::string& engine, const TemporaryDirectory& directory, const std::string& name) {
        endpoint.engine = engine;
        if (engine == "postgresql") {
            database = std::make_unique<PgDatabase>();
            endpoint.location = database->conninfo();
        } else {
            endpoint.location = directory.path(name + (engine == "json" ? ".d/" : ".db"));
        }
    }
    [[nodiscard]] std::unique_ptr<DatabaseReader> reader() const {
        return endpoint.engine == "sqlite"       ? read_sqlite_database(endpoint.location)
               : endpoint.engine == "postgresql" ? read_postgresql_database(endpoint.location)
                                                 : read_json_database(endpoint.location);
    }

    Endpoint endpoint;
    std::unique_ptr<PgDatabase> database;
};

std::string table_name(std::size_t type) {
    return "t" + std::to_string(type);
}
std::string column_name(std::size_t value) {
    return "c" + std::to_string(value);
}

/// Runs statements one at a time; returns whether the engine took it.
template <typename Connection>
bool attempt(Connection& connection, const std::string& sql) {
    try {
        connection.exec(sql);
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

using Refused = std::map<std::pair<std::size_t, std::size_t>, bool>;

template <typename Connection>
Refused make_database(Connection& connection, const std::vector<TypeCells>& types,
                      const std::vector<std::string>& before) {
    Refused refused;
    for (const std::string& sql : before) {
        connection.exec(sql);
    }
    for (std::size_t t = 0; t < types.size(); ++t) {
        const bool strict = types[t].type.starts_with("STRICT ");
        const std::string type = strict ? types[t].type.substr(7) : types[t].type;
        std::string columns;
        for (std::size_t v = 0; v < types[t].values.size(); ++v) {
            columns += (v == 0 ? "" : ", ") + column_name(v) + " " + type;
        }
        connection.exec("CREATE TABLE " + table_name(t) + " (" + columns + ")" + (strict ? " STRICT" : ""));
        connection.exec("INSERT INTO " + table_name(t) + " DEFAULT VALUES");
        for (std::size_t v = 0; v < types[t].values.size(); ++v) {
            refused[{t, v}] = !attempt(connection, "UPDATE " + table_name(t) + " SET " + column_name(v) +
                                                       " = " + types[t].values[v]);
        }
    }
    return refused;
}

struct Seen {
    std::string type;
    std::string value;
};

/// By table and column; of the tables named, or of all.
std::map<std::pair<std::string, std::string>, Seen> look(const Place& place,
                                                         const std::set<std::string>& wanted = {}) {
    std::map<std::pair<std::string, std::string>, Seen> seen;
    const auto reader = place.reader();
    for (const ComparedTable& table : reader->tables()) {
        if (!wanted.empty() && !wanted.contains(table.name)) {
            continue;
        }
        const auto rows = reader->rows(table);
        REQUIRE(rows.size() == 1);
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            seen[{table.name, table.columns[c].name}] = {type_of(table.columns[c], place.endpoint.engine),
                                                         shown(rows[0][c])};
        }
    }
    return seen;
}

void go(const Endpoint& from, const Endpoint& to) {
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    options.workers = 1;
    const Leg leg = migrate_once(from, to, options);
    INFO(from.engine << " to " << to.engine << ": " << leg.error << leg.result.failure);
    for (const Finding& finding : leg.plan.findings) {
        if (finding.severity == Severity::blocker) {
            FAIL_CHECK(finding.code << ", " << finding.object << ": " << finding.message);
        }
    }
    REQUIRE(leg.error.empty());
    REQUIRE_FALSE(leg.refused);
    // Types that the other engine has not may be told; nothing else is left behind.
    REQUIRE(leg.result.state == MigrationState::done);
}

}  // namespace

std::string Fate::line() const {
    std::string out = printable(cell.type) + "\t" + printable(cell.value) + "\t" + printable(stored);
    for (std::size_t i = 0; i < there.size(); ++i) {
        out += "\t" + printable(there[i]) + "\t" + printable(back[i]);
    }
    return out;
}

std::vector<Fate> fates(const std::string& engine, const std::vector<TypeCells>& types,
                        const std::vector<std::string>& before) {
    const TemporaryDirectory directory;
    const Place first(engine, directory, "first");
    Refused refused;
    if (engine == "sqlite") {
        SqliteDatabase database(first.endpoint.location);
        database.exec("PRAGMA synchronous = OFF");
        refused = make_database(database, types, before);
    } else {
        PgConnection server(first.endpoint.location);
        refused = make_database(server, types, before);
    }
    const auto original = look(first);
    std::vector<Fate> out;
    for (std::size_t t = 0; t < types.size(); ++t) {
        for (std::size_t v = 0; v < types[t].values.size(); ++v) {
            const bool is_refused = refused.at({t, v});
            out.push_back({{types[t].type, types[t].values[v]},
                           is_refused ? k_refused : original.at({table_name(t), column_name(v)}).value,
                           {},
                           {}});
        }
    }
    for (const char* const through : k_engines) {
        const Place middle(through, directory, std::string("middle-") + through);
        const Place last(engine, directory, std::string("last-") + through);
        go(first.endpoint, middle.endpoint);
        go(middle.endpoint, last.endpoint);
        const auto there = look(middle);
        const auto back = look(last);
        std::size_t at = 0;
        for (std::size_t t = 0; t < types.size(); ++t) {
            for (std::size_t v = 0; v < types[t].values.size(); ++v, ++at) {
                const std::pair key{table_name(t), column_name(v)};
                const Seen& before_it = original.at(key);
                const Seen& after = back.at(key);
                const bool same = before_it.type == after.type && before_it.value == after.value;
                out[at].there.push_back(there.at(key).type + ": " + there.at(key).value);
                out[at].back.push_back(same ? "same" : after.type + ": " + after.value);
            }
        }
    }
    return out;
}

std::vector<std::string> document_fates(const std::vector<std::string>& texts) {
    const TemporaryDirectory directory;
    std::string document;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        document += (i == 0 ? "{\"" : ", \"") + column_name(i) + "\": " + texts[i];
    }
    Endpoint documents;
    documents.engine = "json";
    documents.location = directory.write("t0.ndjson", document + "}\n");
    std::vector<std::string> lines;
    lines.reserve(texts.size());
    for (const std::string& text : texts) {
        lines.push_back(printable(text));
    }
    for (const char* const engine : k_engines) {
        const Place place(engine, directory, std::string("there-") + engine);
        go(documents, place.endpoint);
        const auto there = look(place, {table_name(0)});
        // On to SQLite: each engine must say the same of the document there.
        const Place next("sqlite", directory, std::string("next-") + engine);
        go(place.endpoint, next.endpoint);
        const auto onward = look(next, {table_name(0)});
        for (std::size_t i = 0; i < texts.size(); ++i) {
            for (const auto* seen : {&there, &onward}) {
                const auto found = seen->find({table_name(0), column_name(i)});
                lines[i] += "\t" + (found == seen->end()
                                        ? std::string("(no column)")
                                        : printable(found->second.type + ": " + found->second.value));
            }
        }
    }
    return lines;
}

void check_table(const std::string& name, const std::string& heading, const std::vector<std::string>& lines) {
    const std::string path = std::string(MIGRATE_SOURCE_DIR) + "/tests/conformance/matrix/" + name + ".tsv";
    std::string found = heading + "\n";
    for (const std::string& line : lines) {
        found += line + "\n";
    }
    if (std::getenv("MIGRATE_UPDATE_DOCUMENTS") != nullptr) {
        std::ofstream(path, std::ios::binary) << found;
        return;
    }
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    std::string expected;
    std::getline(file, expected);
    CHECK(expected == heading);
    std::size_t at = 0;
    for (std::string line; std::getline(file, line); ++at) {
        CHECK(line == (at < lines.size() ? lines[at] : "(no such case)"));
    }
    CHECK(at == lines.size());
}

}  // namespace migrate::test::matrix
