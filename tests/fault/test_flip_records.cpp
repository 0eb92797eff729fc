#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/audit.hpp>
#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "fault/fault_trial.hpp"
#include "support/compare_databases.hpp"
#include "support/file_tree.hpp"

/// What a migration has recorded is changed: each byte of the audit trail, and each column of the tables that
/// a PostgreSQL target keeps, by plain SQL. That is found, refused or made good; nothing is lost or doubled.
namespace migrate::test {
namespace {

/// One statement that changes what is recorded of the one migration there.
const std::vector<std::string>& changes() {
    static const std::string k_one =
        " WHERE ctid = (SELECT ctid FROM _migrate.checkpoint ORDER BY table_name, chunk_index LIMIT 1)";
    static const std::vector<std::string> k_changes{
        "UPDATE _migrate.checkpoint SET rows = rows + 1" + k_one,
        "UPDATE _migrate.checkpoint SET rows = -rows" + k_one,
        "UPDATE _migrate.checkpoint SET rejects = rejects + 1" + k_one,
        "UPDATE _migrate.checkpoint SET nulled = nulled + 1" + k_one,
        "UPDATE _migrate.checkpoint SET filtered = filtered + 1" + k_one,
        "UPDATE _migrate.checkpoint SET rows = rows - 1, rejects = rejects + 1" + k_one,
        "UPDATE _migrate.checkpoint SET digest = overlay(digest placing '7' from 20)" + k_one,
        "UPDATE _migrate.checkpoint SET digest = 'none'" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_first = chunk_first + 1" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_last = chunk_last - 1" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_last = chunk_last + 100" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_kind = chunk_kind + 1" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_kind = 99" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_index = chunk_index + 100" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_index = -1" + k_one,
        "UPDATE _migrate.checkpoint SET chunk_partition = 'x'" + k_one,
        "UPDATE _migrate.checkpoint SET table_name = 'event'" + k_one,
        "UPDATE _migrate.checkpoint SET table_name = 'nothing'" + k_one,
        "UPDATE _migrate.checkpoint SET table_schema = 'nowhere'" + k_one,
        "DELETE FROM _migrate.checkpoint" + k_one,
        "DELETE FROM _migrate.checkpoint",
        // A chunk that was never loaded, by the account of another.
        "INSERT INTO _migrate.checkpoint SELECT migration, table_schema, table_name, chunk_index + 1, "
        "chunk_kind, "
        "chunk_last + 1, 9223372036854775807, chunk_partition, rows, rejects, digest, nulled, filtered FROM "
        "_migrate.checkpoint WHERE table_name = 'book' AND chunk_index = 3",
        "UPDATE _migrate.migration SET state = 'ready'",
        "UPDATE _migrate.migration SET state = 'done'",
        "UPDATE _migrate.migration SET state = 'failed'",
        "UPDATE _migrate.migration SET state = 'rolled_back'",
        "UPDATE _migrate.migration SET state = 'loadinG'",
        "UPDATE _migrate.migration SET epoch = epoch + 1",
        "UPDATE _migrate.migration SET epoch = -1",
        "UPDATE _migrate.migration SET owner = ''",
        "UPDATE _migrate.migration SET created_at = 'epoch', updated_at = 'epoch'",
        "UPDATE _migrate.migration SET plan = ''",
        "UPDATE _migrate.migration SET plan = '{}'",
        "UPDATE _migrate.migration SET plan = left(plan, length(plan) / 2)",
        "DELETE FROM _migrate.migration",
        "DROP TABLE _migrate.checkpoint",
        "DROP TABLE _migrate.migration CASCADE",
    };
    return k_changes;
}

/// The nth byte of the plan that is recorded is another one.
std::string flipped_plan(int nth, int of) {
    const std::string at = "(length(plan) * " + std::to_string(nth) + " / " + std::to_string(of) + " + 1)";
    return "UPDATE _migrate.migration SET plan = overlay(plan placing translate(substr(plan, " + at +
           ", 1), '{}[]:,\"abcdefghijklmnopqrstuvwxyz0123456789', "
           "'[]{},:''bcdefghijklmnopqrstuvwxyza1234567890') "
           "from " +
           at + ")";
}

std::vector<std::string> migrate_into(const KillSource& source, const KillTarget& target) {
    return {"migrate",   "--from", source.endpoint(), "--to", target.endpoint(), "--execute",
            "--workers", "1",      "--chunk-rows",    "100"};
}

void require_refused(const KillTarget& target, const CommandResult& result) {
    INFO(result.out << result.err);
    REQUIRE(result.signal == 0);
    REQUIRE(result.exit_code > 1);
    CHECK(result.err.size() > 10);
    CHECK((result.err.find("next: ") != std::string::npos));
    CHECK(target.visible_tables() == 0);
}

/// Requires that all is there, or nothing, and that it says which.
void require_all_or_nothing(const KillSource& source, const KillTarget& target, const CommandResult& result) {
    // 5: of rows that it says were altered or left out none is missing.
    if (result.exit_code != 0 && result.exit_code != 5) {
        require_refused(target, result);
        return;
    }
    INFO(result.out << result.err);
    CompareOptions options;
    options.skip_tables = {"other_data"};
    const CompareResult compared = compare_databases(source.endpoint(), target.endpoint(), options);
    for (const std::string& difference : compared.differences) {
        UNSCOPED_INFO(difference);
    }
    REQUIRE(compared.equal());
    REQUIRE(compared.tables == 3);
}

}  // namespace

TEST_CASE("fault: what a PostgreSQL target has recorded of a killed migration changed",
          "[fault][flip][postgresql][slow]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const std::string point = GENERATE(as<std::string>(), "chunk-committed:4", "ready");
    const auto source = KillSource::make("sqlite");
    std::vector<std::string> statements = changes();
    for (int nth = 0; nth < 24; ++nth) {
        statements.push_back(flipped_plan(nth, 24));
    }
    int impossible = 0;
    for (const std::string& statement : statements) {
        CAPTURE(point, statement);
        const KillTarget target("postgresql", true);
        REQUIRE(target.run(migrate_into(*source, target), point).signal == SIGKILL);
        try {
            target.execute(statement);
        } catch (const std::runtime_error& error) {
            // The table's own key does not let it.
            REQUIRE_THAT(error.what(), Catch::Contains("checkpoint_pkey"));
            ++impossible;
            continue;
        }
        require_all_or_nothing(*source, target, target.run({"resume", "--last"}));
        CHECK(target.value("SELECT v FROM other_data") == "stays");
        note_fault("flip", "what PostgreSQL has recorded", "sqlite", "postgresql");
    }
    CHECK(impossible == (point == "ready" ? 2 : 0));
}

TEST_CASE("fault: what is staged at a PostgreSQL target changed", "[fault][flip][postgresql][slow]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const std::string point = GENERATE(as<std::string>(), "chunk-committed:7", "loaded", "ready");
    const auto source = KillSource::make("sqlite");
    for (const char* change : {"UPDATE {} SET title = 'another' WHERE id = 7", "DELETE FROM {} WHERE id = 7",
                               "INSERT INTO {} VALUES (9999, 1, 'more', 1, NULL)", "TRUNCATE {}"}) {
        CAPTURE(point, change);
        const KillTarget target("postgresql", true);
        REQUIRE(target.run(migrate_into(*source, target), point).signal == SIGKILL);
        std::string statement = change;
        statement.replace(
            statement.find("{}"), 2,
            target.value("SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = "
                         "c.relnamespace WHERE c.relname = 'book' AND n.nspname ~ '^_migrate_'"));
        target.execute(statement);
        const CommandResult resumed = target.run({"resume", "--last"});
        require_all_or_nothing(*source, target, resumed);
        CHECK((point == "ready" ? resumed.exit_code == 4 : resumed.exit_code == 0));
        note_fault("flip", "what is staged", "sqlite", "postgresql");
    }
}

TEST_CASE("fault: what a PostgreSQL target has recorded for a rollback changed",
          "[fault][flip][postgresql][slow]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const auto source = KillSource::make("sqlite");
    const std::vector<std::string> statements{
        "UPDATE _migrate.migration SET state = 'loading'",
        "UPDATE _migrate.migration SET state = 'ready'",
        "UPDATE _migrate.migration SET state = 'failed'",
        "UPDATE _migrate.migration SET plan = ''",
        "UPDATE _migrate.migration SET plan = '{}'",
        flipped_plan(1, 3),
        "UPDATE _migrate.undo_table SET rows_after = rows_after + 1",
        "UPDATE _migrate.undo_table SET digest_after = 'none'",
        "DELETE FROM _migrate.undo_table",
        "DELETE FROM _migrate.undo_table WHERE ctid = (SELECT min(ctid) FROM _migrate.undo_table)",
        "DELETE FROM _migrate.undo_step",
        "DELETE FROM _migrate.undo_step WHERE ctid = (SELECT max(ctid) FROM _migrate.undo_step)",
        "DROP TABLE _migrate.undo_table",
        "DROP TABLE _migrate.undo_step",
    };
    for (const std::string& statement : statements) {
        CAPTURE(statement);
        const KillTarget target("postgresql", true);
        const CommandResult done = target.run(migrate_into(*source, target));
        REQUIRE(done.exit_code == 0);
        const std::string id = target.newest_done();
        target.execute(statement);
        const CommandResult undone = target.run({"rollback", id, "--to", target.endpoint(), "--execute"});
        INFO(undone.out << undone.err);
        REQUIRE(undone.signal == 0);
        REQUIRE(undone.exit_code != 1);
        const std::size_t seen = target.visible_tables();
        // All of it is gone, or all of it is there as it was, and it says which.
        REQUIRE(seen == (undone.exit_code == 0 ? 0U : 3U));
        if (seen == 3) {
            CompareOptions options;
            options.skip_tables = {"other_data"};
            REQUIRE(compare_databases(source->endpoint(), target.endpoint(), options).equal());
            CHECK(undone.err.find("next: ") != std::string::npos);
        }
        CHECK(target.value("SELECT v FROM other_data") == "stays");
        note_fault("flip", "what PostgreSQL has recorded for a rollback", "sqlite", "postgresql");
    }
}

TEST_CASE("fault: each byte of an audit trail flipped", "[fault][flip]") {
    const auto source = KillSource::make("sqlite");
    const KillTarget target("sqlite", false);
    REQUIRE(target.run(migrate_into(*source, target), "chunk-committed:3").signal == SIGKILL);
    REQUIRE(target.run({"resume", "--last"}).exit_code == 0);
    const std::string path = target.directory() + "/state/migrate/audit.jsonl";
    const std::string whole = content_of(path);
    REQUIRE(whole.size() > 3000);
    REQUIRE(target.run({"audit", "verify"}).exit_code == 0);
    const TemporaryDirectory directory;
    const std::string copy = directory.path("audit.jsonl");
    for (std::size_t at = 0; at < whole.size(); ++at) {
        const unsigned bit = 1U << (at % 8);
        std::string flipped = whole;
        flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ bit);
        directory.write("audit.jsonl", flipped);
        INFO("byte " << at << " of " << whole.size() << ", bit " << bit);
        REQUIRE(verify_audit({copy, {}, {}}).exit_code() == 4);
    }
    // The command says the same.
    directory.write("audit.jsonl",
                    whole.substr(0, whole.size() / 2) + "x" + whole.substr(whole.size() / 2 + 1));
    const CommandResult found = run_cli({"audit", "verify", "--audit", copy});
    INFO(found.out << found.err);
    CHECK(found.exit_code == 4);
    note_fault("flip", "each byte of the audit trail", "sqlite", "sqlite");
}

}  // namespace migrate::test
