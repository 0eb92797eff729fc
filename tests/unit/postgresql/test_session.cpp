#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "session/postgresql_conninfo.hpp"
#include "unit/postgresql/pg_migration.hpp"

namespace migrate::test {
namespace {

Endpoint endpoint_at(const std::string& location) {
    Endpoint endpoint;
    endpoint.engine = "postgresql";
    endpoint.location = location;
    return endpoint;
}

ErrorCode open_code(const std::string& location) {
    try {
        backends::postgresql::backend().open_source(endpoint_at(location), {});
    } catch (const Error& error) {
        INFO(error.what());
        CHECK_FALSE(error.facts().next_step.empty());
        CHECK(std::string(error.what()).find("s3cret") == std::string::npos);
        return error.code();
    }
    return ErrorCode::internal;
}

class FixedPassword final : public CredentialProvider {
  public:
    std::optional<std::string> password(const Endpoint&) override { return "s3cret & ' \\ %"; }
};

}  // namespace

TEST_CASE("postgresql: what keeps a connection from being made is told apart", "[postgresql][session]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    CHECK(open_code(database->conninfo() + " dbname=no_such_database") == ErrorCode::not_found);
    CHECK(open_code(database->conninfo() + " user=no_such_role") == ErrorCode::permission);
    CHECK(open_code("host=no-such-host.invalid dbname=a password=s3cret") == ErrorCode::unreachable);
    CHECK(open_code("host=127.0.0.1 port=1 dbname=a password=s3cret") == ErrorCode::unreachable);
    CHECK(open_code("host=a s3cret") == ErrorCode::usage);
}

TEST_CASE("postgresql: a password with any characters reaches the server whole", "[postgresql][session]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    FixedPassword credentials;
    backend::OpenContext context;
    context.credentials = &credentials;
    context.application_name = "an odd name & 'quotes'";
    const auto source = backends::postgresql::backend().open_source(pg_endpoint(*database), context);
    CHECK(source->describe().engine == "postgresql");
    CHECK(database->connect().value("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                                    "'an odd name & ''quotes'''") == "1");
}

TEST_CASE("postgresql: remote hosts are verified unless the user says otherwise", "[postgresql][session]") {
    const auto has = [](const std::string& location, const std::string& text) {
        return session::postgresql_conninfo(endpoint_at(location), {}, "t").find(text) != std::string::npos;
    };
    CHECK(has("host=db.example.org", "sslmode=verify-full"));
    CHECK(has("host=db.example.org sslmode=require", "sslmode=require"));
    CHECK_FALSE(has("host=localhost", "verify-full"));
    CHECK_FALSE(has("host=/run/postgresql", "verify-full"));
}

TEST_CASE("postgresql: a target that cannot be written is told in preflight", "[postgresql][preflight]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    const auto codes = [](const Endpoint& endpoint) {
        std::vector<std::string> found;
        const auto target = backends::postgresql::backend().open_target(endpoint, {});
        for (const Finding& finding : target->preflight({}, 0)) {
            if (finding.severity == Severity::blocker) {
                found.push_back(finding.code);
            }
        }
        return found;
    };
    CHECK(codes(pg_endpoint(*database)).empty());
    Endpoint read_only = pg_endpoint(*database);
    read_only.location += " options='-c default_transaction_read_only=on'";
    CHECK(codes(read_only) == std::vector<std::string>{"target-read-only"});
}

TEST_CASE("postgresql: rows that a policy hides are refused, not missed", "[postgresql][security]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    auto connection = database->connect();
    const std::string role = "reader_of_" + database->name();
    connection.exec("CREATE ROLE " + connection.quote(role) + " LOGIN");
    connection.exec(
        "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (2); ALTER TABLE t ENABLE ROW LEVEL "
        "SECURITY; CREATE POLICY p ON t USING (a = 1); GRANT SELECT ON t TO PUBLIC");
    {
        const auto source = backends::postgresql::backend().open_source(
            endpoint_at(database->conninfo() + " user=" + role), {});
        source->pin_snapshot(1);
        const auto findings = source->check({});
        REQUIRE(findings.size() == 1);
        CHECK(findings[0].code == "row-security-active");
        CHECK_THROWS_AS(source->read_schema({}), Error);
    }
    connection.exec("DROP OWNED BY " + connection.quote(role) + "; DROP ROLE " + connection.quote(role));
}

TEST_CASE("postgresql: readers see one state while others write", "[postgresql][snapshot]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    auto connection = database->connect();
    connection.exec("CREATE TABLE t (a integer); INSERT INTO t SELECT generate_series(1, 5000)");
    const auto source = backends::postgresql::backend().open_source(pg_endpoint(*database), {});
    source->pin_snapshot(2);
    const Schema schema = source->read_schema({}).schema;
    connection.exec("DELETE FROM t WHERE a % 2 = 0; INSERT INTO t SELECT generate_series(1, 70000)");
    const Table& table = schema.tables.at(0);
    backend::ChunkOptions options;
    options.target_bytes = 8192 * 4;
    const auto chunks = source->chunks(table, options);
    CHECK(chunks.size() > 10);
    std::uint64_t rows = 0;
    for (const Chunk& chunk : chunks) {
        ScanSpec spec;
        spec.table = &table;
        spec.columns = {0};
        spec.chunk = chunk;
        const auto reader = source->open_reader(spec);
        RowBatch batch;
        while (reader->next(batch)) {
            rows += batch.row_count();
        }
    }
    CHECK(rows == 5000);
    CHECK(source->count_rows(table) == 5000);
}

}  // namespace migrate::test
