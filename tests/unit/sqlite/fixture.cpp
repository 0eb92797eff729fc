#include "unit/sqlite/fixture.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "model/canonical.hpp"
#include "util/hex.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

namespace migrate::test {
namespace {

std::string shown(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return "null";
        case SQLITE_INTEGER:
            return "integer:" + std::to_string(sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT: {
            std::array<char, 64> text{};
            std::snprintf(text.data(), text.size(), "real:%a", sqlite3_column_double(statement, column));
            return text.data();
        }
        default:
            break;
    }
    const bool text = sqlite3_column_type(statement, column) == SQLITE_TEXT;
    const void* bytes = text ? static_cast<const void*>(sqlite3_column_text(statement, column))
                             : sqlite3_column_blob(statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return (text ? "text:" : "blob:") +
           (size == 0 ? "" : util::to_hex({static_cast<const char*>(bytes), size}));
}

std::string quote(const std::string& name) {
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        if (c == '"') {
            out += c;
        }
    }
    return out + "\"";
}

}  // namespace

PlainDatabase::PlainDatabase(const std::string& path) {
    if (sqlite3_open(path.c_str(), &m_handle) != SQLITE_OK) {
        throw std::runtime_error("cannot open " + path);
    }
}

PlainDatabase::~PlainDatabase() {
    sqlite3_close(m_handle);
}

void PlainDatabase::run(const std::string& sql) {
    if (sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(m_handle) + std::string(": ") + sql);
    }
}

std::vector<std::vector<std::string>> PlainDatabase::rows(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(m_handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(m_handle) + std::string(": ") + sql);
    }
    std::vector<std::vector<std::string>> out;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        std::vector<std::string>& row = out.emplace_back();
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
            row.push_back(shown(statement, i));
        }
    }
    sqlite3_finalize(statement);
    return out;
}

std::string PlainDatabase::value(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(m_handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(m_handle) + std::string(": ") + sql);
    }
    std::string out;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
        out = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return out;
}

void make_database(const std::string& path, const std::string& sql) {
    PlainDatabase database(path);
    database.run(sql);
}

std::vector<std::pair<std::string, std::vector<std::vector<std::string>>>> all_rows(const std::string& path) {
    PlainDatabase database(path);
    std::vector<std::pair<std::string, std::vector<std::vector<std::string>>>> out;
    for (const auto& row :
         database.rows("SELECT name FROM pragma_table_list WHERE schema='main' AND "
                       "type='table' AND name NOT LIKE '\\_migrate\\_%' ESCAPE '\\' AND name "
                       "NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")) {
        std::string name;
        util::read_hex(row[0].substr(5), name);
        auto found = database.rows("SELECT * FROM " + quote(name));
        std::sort(found.begin(), found.end());
        out.emplace_back(name, std::move(found));
    }
    return out;
}

std::vector<std::vector<std::string>> all_definitions(const std::string& path) {
    return PlainDatabase(path).rows(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_migrate\\_%' ESCAPE "
        "'\\' "
        "AND tbl_name NOT LIKE '\\_migrate\\_%' ESCAPE '\\' AND type IN ('table', 'index') ORDER BY type, "
        "name");
}

std::string hash_by_child(const std::string& path) {
    if (!std::filesystem::exists(path)) {
        return "absent";
    }
    FILE* pipe = popen(("sha256sum < '" + path + "'").c_str(), "r");
    std::array<char, 128> line{};
    const char* read = std::fgets(line.data(), line.size(), pipe);
    pclose(pipe);
    return read == nullptr ? "unreadable" : line.data();
}

Endpoint sqlite_endpoint(const std::string& path) {
    Endpoint endpoint;
    endpoint.engine = "sqlite";
    endpoint.location = path;
    return endpoint;
}

Copied copy_database(const std::string& from, const std::string& to, const backend::AdoptOptions& options) {
    const backend::Backend& sqlite = backends::sqlite::backend();
    Copied out;
    const auto source = sqlite.open_source(sqlite_endpoint(from), {});
    source->pin_snapshot(2);
    out.reading = source->read_schema({});
    const auto target = sqlite.open_target(sqlite_endpoint(to), {});
    out.adoption = target->adopt(out.reading.schema, options);
    backend::TargetPlan plan;
    plan.migration = "0123456789abcdef";
    plan.owner = "owner";
    plan.plan_json = "{}";
    plan.provenance_json = "{\"from\":\"test\"}";
    plan.schema = out.adoption.schema;
    for (const Finding& finding : target->preflight(plan, 1000)) {
        if (finding.severity == Severity::blocker) {
            throw std::runtime_error(finding.code + ": " + finding.message);
        }
    }
    target->lock(plan.migration);
    target->begin(plan);
    std::vector<Digest> digests;
    {
        const auto writer = target->open_writer();
        for (std::size_t t = 0; t < plan.schema.tables.size(); ++t) {
            const Table& table = out.reading.schema.tables[t];
            Digest all;
            for (const Chunk& chunk : source->chunks(table, {100, 1U << 20})) {
                ScanSpec spec;
                spec.table = &table;
                for (std::size_t c = 0; c < table.columns.size(); ++c) {
                    if (!plan.schema.tables[t].columns[c].generated) {
                        spec.columns.push_back(c);
                    }
                }
                spec.chunk = chunk;
                const auto reader = source->open_reader(spec);
                const auto transaction =
                    writer->begin({plan.migration, "owner", 1, t, chunk}, WriteMode::append);
                RowBatch batch;
                Digest digest;
                while (reader->next(batch)) {
                    model::digest_rows(batch, digest);
                    transaction->write(batch);
                }
                transaction->record(
                    {plan.migration, plan.schema.tables[t].name, chunk, digest.rows, 0, digest});
                transaction->commit();
                all.merge(digest);
            }
            digests.push_back(all);
        }
    }
    for (const backend::BuildStep& step : target->build_steps()) {
        for (Finding& finding : target->build(step).findings) {
            out.findings.push_back(std::move(finding));
        }
    }
    {
        const auto staged = target->open_staging();
        staged->pin_snapshot(1);
        for (std::size_t t = 0; t < plan.schema.tables.size(); ++t) {
            const Table& table = plan.schema.tables[t];
            ScanSpec spec;
            spec.table = &table;
            for (std::size_t c = 0; c < table.columns.size(); ++c) {
                if (!table.columns[c].generated) {
                    spec.columns.push_back(c);
                }
            }
            const auto reader = staged->open_reader(spec);
            RowBatch batch;
            Digest digest;
            while (reader->next(batch)) {
                model::digest_rows(batch, digest);
            }
            if (!(digest == digests[t])) {
                throw std::runtime_error("table " + table.name.display() + " differs in staging");
            }
        }
    }
    for (Finding& finding : target->cutover({})) {
        out.findings.push_back(std::move(finding));
    }
    return out;
}

}  // namespace migrate::test
