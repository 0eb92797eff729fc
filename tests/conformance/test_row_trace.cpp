#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>
#include <libpq-fe.h>

#include "conformance/engine.hpp"
#include "copy/loader.hpp"
#include "model/canonical.hpp"
#include "plan/planner.hpp"
#include "support/sqlite.hpp"
#include "util/hex.hpp"
#include "verify/digest_scan.hpp"

/// One row's way from SQLite to PostgreSQL and JSON, in its real bytes. The text stands in ARCHITECTURE.md;
/// run with MIGRATE_UPDATE_DOCUMENTS=1 to write it there.
namespace {

using namespace migrate;
using test::Place;

constexpr const char* k_begin = "<!-- row trace: begin -->\n";
constexpr const char* k_end = "<!-- row trace: end -->";
constexpr const char* k_create =
    "CREATE TABLE track (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price DECIMAL(8,2), added DATETIME)";
constexpr const char* k_insert = "INSERT INTO track VALUES (7, 'Fado', 9.95, '2024-02-29 12:34:56')";

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) {
        out += out.empty() ? "" : " ";
        util::append_hex({&byte, 1}, out);
    }
    return out;
}

std::string hex_block(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 24) {
        out += "    " + hex(bytes.substr(at, 24)) + "\n";
    }
    return out;
}

std::string cell(const ColumnVector& column) {
    return column.layout() == ValueLayout::fixed ? "slot " + std::to_string(column.fixed(0))
                                                 : "bytes " + hex(column.bytes(0));
}

struct Traced {
    MigrationPlan plan;
    Digest sent;
    Digest read_back;
};

Traced migrate_to(backend::Source& from, const Place& place) {
    Traced traced;
    const auto target = place.target();
    traced.plan = plan::make_plan({{}, place.endpoint(), from, *target, place.backend().capabilities()}, {},
                                  "0123456789ab", "2024-01-01T00:00:00Z");
    target->lock(traced.plan.id);
    target->begin(plan::target_plan_of(traced.plan, "owner"));
    traced.sent = copy::load({from,
                              *target,
                              traced.plan,
                              copy::list_chunks(from, traced.plan),
                              "owner",
                              1,
                              1,
                              1,
                              1U << 20U,
                              {},
                              {},
                              {}})
                      .at(0)
                      .digest;
    for (const auto& step : target->build_steps()) {
        target->build(step);
    }
    {
        const auto staging = target->open_staging();
        staging->pin_snapshot(1);
        verify::DigestTask task;
        task.table = &traced.plan.target.tables[0];
        task.columns = {0, 1, 2, 3};
        traced.read_back = verify::digest_tables(*staging, {task}, {}).at(0).digest;
    }
    target->cutover({});
    return traced;
}

std::string readings(const MigrationPlan& plan, const RowBatch& batch) {
    std::string out =
        "| column | declared | logical type, format | in the batch | in PostgreSQL "
        "|\n|---|---|---|---|---|\n";
    const Table& source = plan.source.tables[0];
    for (std::size_t c = 0; c < source.columns.size(); ++c) {
        const Column& column = source.columns[c];
        out += "| " + column.name + " | " + column.native_type + " | " + to_string(column.type) +
               (column.format.empty() ? "" : ", `" + column.format + "`") + " | " + cell(batch.columns[c]) +
               " | " + plan.target.tables[0].columns[c].native_type + " |\n";
    }
    return out;
}

/// The table as the server sends it in a binary COPY, by plain libpq.
std::string copied_out(const std::string& conninfo) {
    test::PgConnection connection(conninfo);
    PQclear(PQexec(connection.handle(), "COPY public.track TO STDOUT (FORMAT BINARY)"));
    std::string bytes;
    char* piece = nullptr;
    for (int size = PQgetCopyData(connection.handle(), &piece, 0); size > 0;
         size = PQgetCopyData(connection.handle(), &piece, 0)) {
        bytes.append(piece, static_cast<std::size_t>(size));
        PQfreemem(piece);
    }
    return bytes;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

RowBatch first_batch(backend::Source& source, const Table& table) {
    RowBatch batch;
    std::vector<TypeKind> kinds;
    for (const Column& column : table.columns) {
        kinds.push_back(column.type.kind);
    }
    batch.reset(kinds);
    ScanSpec spec;
    spec.table = &table;
    spec.columns = {0, 1, 2, 3};
    REQUIRE(source.open_reader(spec)->next(batch));
    return batch;
}

std::string make_trace(const Place& sqlite, const Place& postgresql, const Place& json) {
    test::SqliteDatabase file(sqlite.endpoint().location);
    file.exec(k_create);
    file.exec(k_insert);
    const auto source = sqlite.source();
    source->pin_snapshot(1);
    const Traced server = migrate_to(*source, postgresql);
    const Traced files = migrate_to(*source, json);
    CHECK(server.sent == server.read_back);
    CHECK(files.sent == files.read_back);
    const RowBatch batch = first_batch(*source, server.plan.source.tables[0]);
    std::string canonical;
    model::append_canonical_row(batch, 0, canonical);

    std::string out = std::string("A SQLite file holds `") + k_create + "`\nand `" + k_insert + "`.\n\n";
    out += "1. All values of a column decide its reading; the reader puts them into a batch.\n\n";
    out += readings(server.plan, batch);
    out +=
        "\n2. As the row leaves the reader, its canonical bytes (each value with its length) are hashed into "
        "the digest.\n\n";
    out += hex_block(canonical) + "\n    " + to_string(server.sent) + "\n";
    out += "\n3. PostgreSQL's writer sends the same values in binary COPY, here with header and trailer.\n\n";
    out += hex_block(copied_out(postgresql.where()));
    out += "\n4. The JSON writer appends a line to `track.ndjson`.\n\n    " +
           read_file(json.endpoint().location + "/track.ndjson");
    out +=
        "\n5. Each target is read back in a fresh session by its own reader: the same digest.\n\n    "
        "PostgreSQL  " +
        to_string(server.read_back) + "\n    JSON        " + to_string(files.read_back) + "\n";
    return out;
}

}  // namespace

TEST_CASE("documents: the row that ARCHITECTURE.md traces travels in the bytes it shows",
          "[conformance][documents]") {
    const auto sqlite = Place::make("sqlite");
    const auto postgresql = Place::make("postgresql");
    const auto json = Place::make("json");
    if (!postgresql) {
        return;
    }
    const std::string trace = make_trace(*sqlite, *postgresql, *json);
    const std::string path = std::string(MIGRATE_SOURCE_DIR) + "/ARCHITECTURE.md";
    std::string document = read_file(path);
    const std::size_t begin = document.find(k_begin);
    const std::size_t end = document.find(k_end);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    const std::size_t start = begin + std::string(k_begin).size();
    if (std::getenv("MIGRATE_UPDATE_DOCUMENTS") != nullptr) {
        document.replace(start, end - start, trace);
        std::ofstream(path, std::ios::binary) << document;
    } else {
        CHECK(document.substr(start, end - start) == trace);
    }
}
