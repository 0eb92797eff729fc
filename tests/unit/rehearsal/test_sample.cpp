#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backend/registry.hpp"
#include "rehearsal/sample.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {
namespace {

using rehearsal::Sample;
using rehearsal::SampleRequest;

/// A SQLite file, and samples of it.
struct File {
    TemporaryDirectory directory;
    std::string path = directory.path("a.db");
    std::shared_ptr<backend::Source> source;
    Schema schema;

    explicit File(const std::string& sql) {
        SqliteDatabase(path).exec(sql);
        source = backend::backend_named("sqlite").open_source({"sqlite", path, {}, nullptr}, {});
        source->pin_snapshot(1);
        schema = source->read_schema({}).schema;
    }
    [[nodiscard]] std::shared_ptr<const Sample> sample(const SampleRequest& request) const {
        return std::make_shared<const Sample>(source, schema, request, std::stop_token());
    }
    [[nodiscard]] std::size_t place_of(const std::string& name) const {
        for (std::size_t i = 0; i < schema.tables.size(); ++i) {
            if (schema.tables[i].name.name == name) {
                return i;
            }
        }
        throw std::logic_error("there is no such table");
    }
};

/// The integers of some columns of the rows of a table, as the sample gives them in the place of its source.
std::vector<std::vector<std::int64_t>> rows_of(const std::shared_ptr<const Sample>& sample,
                                               const Table& table, const std::vector<std::size_t>& columns,
                                               ReadRoute route = ReadRoute::native) {
    const auto source = rehearsal::open_sample(sample, 1);
    std::vector<std::vector<std::int64_t>> rows;
    for (const Chunk& chunk : source->chunks(table, {})) {
        ScanSpec spec;
        spec.table = &table;
        spec.columns = columns;
        spec.chunk = chunk;
        spec.route = route;
        spec.limits.max_rows = 7;
        const auto reader = source->open_reader(spec);
        RowBatch batch;
        while (reader->next(batch)) {
            for (std::size_t row = 0; row < batch.row_count(); ++row) {
                std::vector<std::int64_t>& values = rows.emplace_back();
                for (const ColumnVector& column : batch.columns) {
                    values.push_back(column.is_null(row) ? -1 : column.fixed(row));
                }
            }
        }
    }
    return rows;
}

std::set<std::int64_t> first_values(const std::vector<std::vector<std::int64_t>>& rows) {
    std::set<std::int64_t> values;
    for (const auto& row : rows) {
        values.insert(row.front());
    }
    return values;
}

constexpr const char* k_numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";

}  // namespace

TEST_CASE("sample: rows refer to rows that are taken", "[rehearsal]") {
    const File file(
        "CREATE TABLE child (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES "
        "parent "
        "(a, b));"
        "CREATE TABLE parent (a INTEGER, b INTEGER, note TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree (id));" +
        std::string(k_numbers) + "900) INSERT INTO parent SELECT i, i % 3, 'x' FROM n;" + k_numbers +
        "3000) INSERT INTO child SELECT i, 1 + (i * 7) % 900, (1 + (i * 7) % 900) % 3 FROM n;"
        "INSERT INTO child VALUES (9000, NULL, 1);" +
        k_numbers + "300) INSERT INTO tree SELECT i, CASE WHEN i > 1 THEN (i * 2) / 3 END FROM n;");
    SampleRequest request;
    request.rows = 50;
    const auto sample = file.sample(request);
    const Table& parent = file.schema.tables[file.place_of("parent")];
    const Table& child = file.schema.tables[file.place_of("child")];
    const Table& tree = file.schema.tables[file.place_of("tree")];

    const auto parents = rows_of(sample, parent, {0});
    CHECK(parents.size() >= 50);
    CHECK(parents.size() <= 150);
    const std::set<std::int64_t> taken = first_values(parents);
    const auto children = rows_of(sample, child, {1, 0});
    CHECK(children.size() == 50);
    for (const auto& row : children) {
        CHECK((row[0] == -1 || taken.contains(row[0])));
    }
    const auto nodes = rows_of(sample, tree, {0, 1});
    CHECK(nodes.size() == 50);
    const std::set<std::int64_t> known = first_values(nodes);
    for (const auto& row : nodes) {
        CHECK((row[1] == -1 || known.contains(row[1])));
    }
    CHECK(sample->rows() == parents.size() + 100);
    CHECK(sample->schema().tables[file.place_of("child")].row_estimate == 50);
    // The same rows, by whatever way and in whatever columns they are read.
    CHECK(rows_of(sample, child, {0}, ReadRoute::text) == rows_of(sample, child, {0}));
    CHECK(first_values(rows_of(sample, child, {0, 1, 2})) == first_values(rows_of(sample, child, {0})));
    CHECK(rehearsal::open_sample(sample, 1)->count_rows(child) == 50);
}

TEST_CASE("sample: a circle of foreign keys is closed", "[rehearsal]") {
    // As of staff and stores. Row 3 of b leads to a row of a that is not among the first.
    const File file(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER NOT NULL REFERENCES b (id));"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a (id));"
        "INSERT INTO a VALUES (1, 2), (2, 1), (3, 3), (900, 900);"
        "INSERT INTO b VALUES (1, 1), (2, 2), (3, 900), (900, 900);");
    SampleRequest request;
    request.rows = 3;
    const auto sample = file.sample(request);
    const std::set<std::int64_t> closed{1, 2, 3, 900};
    CHECK(first_values(rows_of(sample, file.schema.tables[file.place_of("a")], {0})) == closed);
    CHECK(first_values(rows_of(sample, file.schema.tables[file.place_of("b")], {0})) == closed);
}

TEST_CASE("sample: what the first rows refer to comes beside, however far it is", "[rehearsal]") {
    const File file(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, up INTEGER REFERENCES parent (id));"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent (id));" +
        std::string(k_numbers) +
        "20000) INSERT INTO parent SELECT i, CASE WHEN i > 19000 THEN i - 9000 END FROM n;" + k_numbers +
        "100) INSERT INTO child SELECT i, 20000 - i FROM n");
    SampleRequest request;
    request.rows = 10;
    request.rows_read = 100;
    const auto sample = file.sample(request);
    const Table& parent = file.schema.tables[file.place_of("parent")];
    const Table& child = file.schema.tables[file.place_of("child")];
    CHECK(rows_of(sample, child, {0}).size() == 10);
    const std::set<std::int64_t> parents = first_values(rows_of(sample, parent, {0, 1}));
    // The first ten, the parents of the first ten children, and theirs.
    CHECK(parents.size() == 30);
    CHECK(parents.contains(19999));
    CHECK(parents.contains(10999));
    CHECK(rehearsal::open_sample(sample, 1)->count_rows(parent) == 30);
    CHECK(sample->without_rows().empty());
}

TEST_CASE("sample: rows lead to keys of another sample where they have to", "[rehearsal]") {
    const File there("CREATE TABLE customer (code TEXT PRIMARY KEY);" + std::string(k_numbers) +
                     "100) INSERT INTO customer SELECT i FROM n");
    const rehearsal::KeyPlaces customers{0, {0}};
    SampleRequest of_there;
    of_there.rows = 10;
    of_there.remember = {customers};
    const auto kept = there.sample(of_there);
    CHECK(kept->values(customers).size() == 10);

    const File source("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER);" +
                      std::string(k_numbers) +
                      "400) INSERT INTO orders SELECT i, CASE WHEN i % 50 > 0 THEN i % 100 END FROM n");
    SampleRequest request;
    request.conditions = {{{0, {1}}, std::nullopt, kept->values(customers)}};
    const auto sample = source.sample(request);
    std::set<std::string> texts;
    for (const auto& row : kept->values(customers)) {
        texts.insert(row.substr(row.find(':') + 1));
    }
    const auto rows = rows_of(sample, source.schema.tables[0], {1});
    CHECK(rows.size() > 8);
    for (const auto& row : rows) {
        CHECK((row[0] == -1 || texts.contains(std::to_string(row[0]))));
    }
    // Nothing leads to a table whose rows all go.
    request.conditions = {{{0, {1}}, std::nullopt, {}}};
    CHECK(source.sample(request)->rows() == 8);
}

TEST_CASE("sample: no more is looked at than was asked for", "[rehearsal]") {
    const File file(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES missing (id));"
        "CREATE TABLE missing (id INTEGER PRIMARY KEY);" +
        std::string(k_numbers) + "5000) INSERT INTO t SELECT i, nullif(i, 5000) FROM n");
    SampleRequest request;
    request.rows_read = 1000;
    CHECK(file.sample(request)->rows() == 0);
    CHECK(file.sample(request)->without_rows().size() == 1);
    request.rows_read = 5000;
    CHECK(file.sample(request)->rows() == 1);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(Sample(file.source, file.schema, request, stop.get_token()), Error);
}

TEST_CASE("sample: a row that does not fit is refused as it would be in a whole run", "[rehearsal]") {
    // 18 rows fit, two do not; the columns are read as what was decided for them.
    File file("CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT);" + std::string(k_numbers) +
              "20) INSERT INTO t SELECT i, CASE WHEN i % 10 = 5 THEN 'never' ELSE '2024-01-02' END FROM n");
    Column& at = file.schema.tables[0].columns[1];
    at.type = LogicalType(TypeKind::date);
    at.format = "YYYY-MM-DD";
    const auto sample = file.sample({});
    const auto source = rehearsal::open_sample(sample, 1);
    const auto count = [&](const std::vector<bool>& null_misfits, const std::vector<std::size_t>& columns) {
        ScanSpec spec;
        spec.table = file.schema.tables.data();
        spec.columns = columns;
        spec.null_misfits = null_misfits;
        spec.chunk = source->chunks(*spec.table, {}).front();
        const auto reader = source->open_reader(spec);
        RowBatch batch;
        std::pair<std::size_t, std::size_t> seen{0, 0};
        std::set<std::uint64_t> ordinals;
        bool more = true;
        while (more) {
            more = reader->next(batch);
            seen.first += batch.row_count();
            seen.second += batch.rejects.size();
            for (const RejectedRow& reject : batch.rejects) {
                CHECK(ordinals.insert(reject.ordinal).second);
                CHECK(reject.ordinal < 20);
            }
        }
        return seen;
    };
    using Seen = std::pair<std::size_t, std::size_t>;
    CHECK(count({}, {0, 1}) == Seen{18, 2});
    CHECK(count({false, true}, {0, 1}) == Seen{20, 2});
    CHECK(count({}, {0}) == Seen{20, 0});
}

}  // namespace migrate::test
