#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backend/endpoint_identity.hpp"
#include "backend/endpoint_parser.hpp"
#include "support/temporary_directory.hpp"
#include "unit/backend/named_backends.hpp"

namespace migrate {
namespace {

namespace fs = std::filesystem;

Endpoint parse(const std::string& text) {
    return backend::parse_endpoint_among(test::named_backends(), text, {});
}

}  // namespace

TEST_CASE("same place: files are the same by any path, link or containing directory", "[backend][endpoint]") {
    const test::TemporaryDirectory directory;
    const fs::path base = directory.path();
    fs::create_directory(base / "d");
    std::ofstream(base / "a.db") << "x";
    std::ofstream(base / "b.db") << "x";
    fs::create_symlink(base / "a.db", base / "soft.db");
    fs::create_hard_link(base / "a.db", base / "hard.db");
    fs::create_directory_symlink(base / "d", base / "link");
    struct Row {
        std::string a;
        std::string b;
        bool same;
    };
    const std::vector<Row> rows = {
        {"a.db", "a.db", true},    {"a.db", "b.db", false},     {"a.db", "soft.db", true},
        {"a.db", "hard.db", true}, {"a.db", "d/../a.db", true}, {"d/new", "link/new", true},
        {"d", "d/", true},         {"d/", "d/x.json", true},    {"link/x.json", "d", true},
        {"d/new.db", "dd", false}, {"new.db", "new.db", true},  {"new.db", "newer.db", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.a, row.b);
        const Endpoint a = parse("sqlite:" + base.string() + "/" + row.a);
        const Endpoint b = parse("json:" + base.string() + "/" + row.b);
        CHECK(backend::same_place(a, b) == row.same);
        CHECK(backend::same_place(b, a) == row.same);
    }
}

TEST_CASE("same place: PostgreSQL databases are compared by server, database and schema",
          "[backend][endpoint]") {
    struct Row {
        std::string a;
        std::string b;
        bool same;
    };
    const std::vector<Row> rows = {
        {"postgresql://h/db", "pg:host=H port=5432 dbname=db sslmode=require", true},
        {"postgresql://u@h/db", "postgresql://v@h/db", true},
        {"postgresql://h/db", "postgresql://h/other", false},
        {"postgresql://h/db", "postgresql://h:5433/db", false},
        {"postgresql://h/db", "postgresql://i/db", false},
        {"postgresql://u@h", "postgresql://h/u", false},
        {"postgresql://localhost/db", "postgresql://127.0.0.1/db", true},
        {"postgresql://localhost/db", "pg:host=/run dbname=db", true},
        {"pg:host=/run/a dbname=db", "pg:host=/run/b dbname=db", false},
        {"postgresql://h/db?schema=a", "postgresql://h/db?schema=b", false},
        {"postgresql://h/db?schema=a,b", "postgresql://h/db?schema=b,c", true},
        {"postgresql://h/db?schema=a", "postgresql://h/db", true},
        {"postgresql://h/db", "sqlite:/h/db", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.a, row.b);
        CHECK(backend::same_place(parse(row.a), parse(row.b)) == row.same);
        CHECK(backend::same_place(parse(row.b), parse(row.a)) == row.same);
    }
}

TEST_CASE("endpoint identity: servers are known by what they say of themselves, whatever they were called",
          "[backend][postgresql]") {
    backend::DatabaseIdentity one;
    one.self = "postgresql:1700000000.5:16384";
    one.cluster = "postgresql:77:16384";
    backend::DatabaseIdentity clone = one;
    clone.self = "postgresql:1800000000.5:16384";
    backend::DatabaseIdentity standby = clone;
    standby.replica = true;
    const Endpoint a = parse("postgresql://h/db?schema=a");
    const Endpoint b = parse("postgresql://10.0.0.1/db?schema=b");
    const Endpoint all = parse("postgresql://10.0.0.1/db");
    CHECK(backend::same_place(a, one, all, one));
    CHECK_FALSE(backend::same_place(a, one, b, one));
    CHECK_FALSE(backend::same_place(a, one, all, clone));
    CHECK(backend::same_place(all, standby, all, one));
    CHECK_FALSE(backend::same_place(all, {}, all, {}));
}

}  // namespace migrate
