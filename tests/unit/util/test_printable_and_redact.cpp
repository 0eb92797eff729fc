#include <chrono>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "support/random.hpp"
#include "util/ascii.hpp"
#include "util/clock.hpp"
#include "util/printable.hpp"
#include "util/random_id.hpp"
#include "util/redact.hpp"
#include "util/utf8.hpp"

using namespace migrate;
using namespace std::string_literals;

TEST_CASE("printable: nothing can move a cursor or break a line", "[util]") {
    CHECK(util::printable("plain é 😀 \\") == "plain é 😀 \\");
    CHECK(util::printable("a\nb\rc\td") == "a\\nb\\rc\\td");
    CHECK(util::printable("\x1b[2J\0"s) == "\\u{1b}[2J\\u{0}");
    CHECK(util::printable("\xC2\x9B\x7F") == "\\u{9b}\\u{7f}");
    CHECK(util::printable("\xE2\x80\xAE\xE2\x80\xA8\xE2\x81\xA6") == "\\u{202e}\\u{2028}\\u{2066}");
    CHECK(util::printable("a\xFF\xC3") == "a\\xff\\xc3");
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 500; ++i) {
        const std::string shown = util::printable(random.bytes(40));
        REQUIRE(util::is_valid_utf8(shown));
        for (const char c : shown) {
            REQUIRE(static_cast<unsigned char>(c) >= 0x20);
        }
    }
}

TEST_CASE("redact: passwords in URIs go", "[util][security]") {
    CHECK(util::redact("postgresql://u:secret@host:5432/db") == "postgresql://u:***@host:5432/db");
    CHECK(util::redact("cannot reach postgres://u:secret@host/db, and pg://v:other@h") ==
          "cannot reach postgres://u:***@host/db, and pg://v:***@h");
    CHECK(util::redact("postgresql://u:se@cr/et?@host/db") == "postgresql://u:***@host/db");
    CHECK(util::redact("postgresql://u@host:5432/db") == "postgresql://u@host:5432/db");
    CHECK(util::redact("postgresql://host:5432/db") == "postgresql://host:5432/db");
    CHECK(util::redact("postgresql://:secret@host") == "postgresql://:***@host");
    CHECK(util::redact("postgresql://h/db?user=u&password=secret&sslmode=require") ==
          "postgresql://h/db?user=u&password=***&sslmode=require");
    CHECK(util::redact("postgresql://h/db?sslpassword=secret") == "postgresql://h/db?sslpassword=***");
}

TEST_CASE("redact: passwords in conninfo strings go", "[util][security]") {
    CHECK(util::redact("host=h password=secret dbname=d") == "host=h password=*** dbname=d");
    CHECK(util::redact("host=h password = 'se cr\\'et' dbname=d") == "host=h password =*** dbname=d");
    CHECK(util::redact("password=a&b c") == "password=*** c");
    CHECK(util::redact("PGPASSWORD=secret migrate") == "PGPASSWORD=*** migrate");
    CHECK(util::redact("sslPassword=x") == "sslPassword=***");
    CHECK(util::redact("password=") == "password=***");
    CHECK(util::redact("password='open") == "password=***");
    CHECK(util::redact("password=back\\ slash rest") == "password=*** rest");
    CHECK(util::redact("password authentication failed for user \"u\"") ==
          "password authentication failed for user \"u\"");
    CHECK(util::redact("") == "");
}

TEST_CASE("random id: can be typed, and does not come twice", "[util]") {
    std::set<std::string> seen;
    for (int i = 0; i < 1'000; ++i) {
        const std::string id = util::random_id();
        REQUIRE(id.size() == 16);
        REQUIRE(util::is_letter(id[0]));
        REQUIRE(id.find_first_not_of("abcdefghjkmnpqrstvwxyz0123456789") == std::string::npos);
        REQUIRE(seen.insert(id).second);
    }
}

TEST_CASE("clock: UTC with microseconds", "[util]") {
    using namespace std::chrono;
    const system_clock::time_point time = sys_days(2024y / February / 29) + 12h + 34min + 56s + 1us;
    CHECK(util::iso_utc(time) == "2024-02-29T12:34:56.000001Z");
    CHECK(util::compact_utc(time) == "20240229T123456Z");
    CHECK(util::iso_utc(system_clock::time_point{} - 1us) == "1969-12-31T23:59:59.999999Z");
}
