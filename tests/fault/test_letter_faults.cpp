#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "fault/fault_trial.hpp"
#include "io/fault.hpp"
#include "support/file_tree.hpp"
#include "support/sqlite.hpp"

/// The disk fails while rows that do not fit are written to the file of dead letters of a JSON target.
#ifdef MIGRATE_FAULT_POINTS
namespace migrate::test {
namespace {

/// 60 rows in three chunks, of which every tenth does not fit.
std::string make_source(const TemporaryDirectory& directory) {
    const std::string file = directory.path("source.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n, v TEXT); WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 "
        "FROM i WHERE i < 60) INSERT INTO t SELECT i, CASE WHEN i % 10 THEN i ELSE 'word' || i END, 'v' || i "
        "FROM i");
    return file;
}

struct Fault {
    const char* name;
    io::FaultPoint point;
    io::Fault fault;
};

const std::vector<Fault>& faults() {
    static const std::vector<Fault> k_faults{
        {"ENOSPC at every write", io::FaultPoint::write, {ENOSPC, false}},
        {"EIO at every write", io::FaultPoint::write, {EIO, false}},
        {"every write cut short", io::FaultPoint::write, {0, true}},
        {"EIO at every fsync", io::FaultPoint::sync, {EIO, false}},
    };
    return k_faults;
}

/// What a run has left: the rows of its table and its dead letters, byte for byte.
struct Left {
    std::string rows;
    std::string letters;
    bool operator==(const Left&) const = default;
};

class LetterTrial {
  public:
    explicit LetterTrial(const std::string& source)
        : m_target("json", false), m_migrator(config_of(m_target)) {
        PlanOptions options;
        options.chunk_rows = 20;
        options.source_backup = SourceBackup::never;
        options.on_reject = RejectHandling::dead_letter;
        options.types.push_back({"t", "n", LogicalType(TypeKind::int64), ""});
        m_plan = m_migrator.plan_migration({parse_endpoint("sqlite:" + source, false)}, {at()}, options);
    }

    /// Returns what it said; the exit code is 5 where it went well.
    std::string run() {
        return said_by([&] { return m_migrator.execute_migration(m_plan); });
    }
    /// Takes it up, or begins again where nothing was recorded.
    void settle() {
        for (int attempt = 0; m_exit_code != 5 && attempt < 3; ++attempt) {
            said_by([&] { return m_migrator.resume_migration(m_id, {{}, at(), {}}); });
            if (m_exit_code == 7) {
                run();
            }
        }
    }
    [[nodiscard]] int exit_code() const { return m_exit_code; }
    [[nodiscard]] bool shows_nothing() const {
        return !std::filesystem::exists(m_target.directory() + "/target");
    }
    [[nodiscard]] Left left() {
        Left left;
        left.rows = content_of(m_target.directory() + "/target/t.ndjson");
        m_migrator.dead_letters(
            m_id, [&](const DeadLetter& one) { left.letters += render_json(one) + "\n"; }, at());
        return left;
    }

  private:
    static MigratorConfig config_of(const KillTarget& target) {
        MigratorConfig config;
        config.state_path = target.directory() + "/index.db";
        return config;
    }
    [[nodiscard]] Endpoint at() const { return parse_endpoint(m_target.endpoint(), true); }

    template <class Call>
    std::string said_by(Call call) {
        try {
            const MigrationResult result = call();
            m_exit_code = result.exit_code();
            m_id = result.id;
            return result.failure + " " + result.next_step;
        } catch (const Error& error) {
            m_exit_code = exit_code_of(error.code());
            return std::string(error.what()) + " " + error.facts().next_step;
        }
    }

    KillTarget m_target;
    CrossDatabaseMigrator m_migrator;
    MigrationPlan m_plan;
    std::string m_id;
    int m_exit_code = -1;
};

}  // namespace

TEST_CASE("fault: writes of the file of dead letters fail one after the other", "[fault][letter-disk]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    LetterTrial whole(source);
    whole.run();
    REQUIRE(whole.exit_code() == 5);
    const Left expected = whole.left();
    REQUIRE(expected.rows.size() > 1000);
    REQUIRE(std::count(expected.letters.begin(), expected.letters.end(), '\n') == 6);
    for (const Fault& fault : faults()) {
        int hit_letters = 0;
        for (std::uint64_t nth = 1;; ++nth) {
            INFO(fault.name << ", number " << nth);
            LetterTrial trial(source);
            io::clear_faults();
            io::fail_nth(fault.point, nth, fault.fault);
            const std::string said = trial.run();
            const bool was_met = io::calls_of(fault.point) >= nth;
            io::clear_faults();
            INFO("exit code " << trial.exit_code() << ": " << said);
            REQUIRE(trial.exit_code() > 1);
            hit_letters += said.find("dead_letters.ndjson") != std::string::npos ? 1 : 0;
            if (trial.exit_code() != 5) {
                CHECK(said.size() > 10);
                // What it says of the target is true.
                CHECK((trial.shows_nothing() || said.find("asks the target") != std::string::npos));
            }
            trial.settle();
            REQUIRE(trial.exit_code() == 5);
            REQUIRE(trial.left() == expected);
            if (!was_met) {
                break;
            }
            note_fault("disk", std::string("dead letters: ") + fault.name, "sqlite", "json");
        }
        // One that is cut short is gone on with, and nobody hears of it.
        CHECK((hit_letters > 0 || fault.fault.short_write));
    }
}

}  // namespace migrate::test
#endif
