#include <bit>
#include <cstdint>
#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include "backends/sqlite/text_cell.hpp"
#include "support/random.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Both ways to a value of SQLite lead to the same value.
namespace migrate::backends::sqlite {
namespace {

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Statement prepare(const test::SqliteDatabase& database, const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(database.handle(), sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    return {statement, &sqlite3_finalize};
}

void check_alike(const test::SqliteDatabase& database, std::uint64_t rows) {
    const Statement statement = prepare(database, "SELECT v, " + text_expression("\"v\"") + ", " +
                                                      text_expression("\"r\"") + ", r FROM t ORDER BY rowid");
    TextCells cells(4);
    std::uint64_t seen = 0;
    for (; sqlite3_step(statement.get()) == SQLITE_ROW; ++seen) {
        CAPTURE(seen);
        REQUIRE(cells.read(statement.get(), 1) == read_cell(statement.get(), 0));
        REQUIRE(cells.read(statement.get(), 2) == read_cell(statement.get(), 3));
    }
    CHECK(seen == rows);
}

}  // namespace

TEST_CASE("sqlite text: every value is spelled and read back as it is held", "[sqlite][forensic]") {
    const std::string encoding = GENERATE(as<std::string>(), "UTF-8", "UTF-16le", "UTF-16be");
    CAPTURE(encoding);
    const test::TemporaryDirectory directory;
    test::SqliteDatabase database(directory.path("t.db"));
    database.exec("PRAGMA encoding = '" + encoding + "'; CREATE TABLE t (v, r REAL)");
    database.exec(
        "INSERT INTO t (v) VALUES (NULL), (0), (-9223372036854775807 - 1), (9223372036854775807), (0.0), "
        "(-0.0), (1.5), (1e999), (-1e999), (5e-324), (1.7976931348623157e308), (''), (x''), (x'00ff'), "
        "('it''s'), ('1'), ('1.50'), ('é😀' || char(0) || 'x'), ('NaN'), (zeroblob(70000))");
    database.exec("UPDATE t SET r = v WHERE typeof(v) IN ('integer', 'real')");
    check_alike(database, 20);
}

TEST_CASE("sqlite text: every real is told from its neighbours", "[sqlite][forensic][random]") {
    test::Random random;
    CAPTURE(random.seed());
    const test::TemporaryDirectory directory;
    test::SqliteDatabase database(directory.path("t.db"));
    database.exec("CREATE TABLE t (v, r REAL); BEGIN");
    const Statement insert = prepare(database, "INSERT INTO t VALUES (?1, ?1)");
    constexpr std::uint64_t k_rows = 20'000;
    for (std::uint64_t i = 0; i < k_rows; ++i) {
        // One in four is denormal, or next to a number with few digits.
        std::uint64_t bits = random.bits();
        bits = i % 4 == 0   ? bits & 0x800FFFFFFFFFFFFFU
               : i % 4 == 1 ? std::bit_cast<std::uint64_t>(static_cast<double>(bits % 100'000) / 100) + i % 3
                            : bits;
        sqlite3_bind_double(insert.get(), 1, std::bit_cast<double>(bits));
        REQUIRE(sqlite3_step(insert.get()) == SQLITE_DONE);
        sqlite3_reset(insert.get());
    }
    database.exec("COMMIT");
    check_alike(database, k_rows);
}

}  // namespace migrate::backends::sqlite
