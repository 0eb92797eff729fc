#include <cmath>
#include <cstring>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/sqlite/column_codec.hpp"
#include "model/value_text.hpp"
#include "support/random.hpp"

/// The short ways of the codecs against the long ones.
using namespace migrate;
using namespace migrate::backends::sqlite;
using migrate::test::Random;

namespace {

std::vector<ColumnCodec> codecs_with_short_ways() {
    std::vector<ColumnCodec> codecs;
    for (const TypeKind kind : {TypeKind::int16, TypeKind::int32, TypeKind::int64, TypeKind::float32,
                                TypeKind::float64, TypeKind::boolean}) {
        codecs.emplace_back(kind, "");
    }
    for (const auto& [precision, scale] : std::vector<std::pair<int, int>>{
             {-1, -1}, {1, 0}, {1, 1}, {4, 2}, {10, 2}, {15, 15}, {18, 0}, {19, 0}, {38, 10}, {1000, 400}}) {
        codecs.emplace_back(LogicalType::decimal(precision, scale), "number");
        codecs.emplace_back(LogicalType::decimal(precision, scale), "real");
    }
    for (const char* format : {"epoch_s", "epoch_ms", "epoch_us"}) {
        codecs.emplace_back(TypeKind::timestamp, format);
        codecs.emplace_back(TypeKind::timestamp_tz, format);
    }
    return codecs;
}

double random_real(Random& random) {
    switch (random.between(0, 4)) {
        case 0:
            return static_cast<double>(random.between(-100'000, 100'000)) / 100;
        case 1:
            return static_cast<double>(random.between(-99'999, 99'999));
        case 2:
            return std::ldexp(static_cast<double>(random.between(-999, 999)),
                              static_cast<int>(random.between(-120, 120)));
        case 3:
            return random.pick(std::vector<double>{
                0.0, -0.0, 1e22, -1e22, 9.999999999999999e21, 1e-30, 1.0000000000000001e-30, 5e-324,
                1.7976931348623157e308, 9223372036854775808.0, -9223372036854775808.0, 1.844e19, INFINITY,
                -INFINITY, 0.1, 0.30000000000000004, 123456789012345.67});
        default: {
            const std::uint64_t bits = random.bits();
            double value = 0;
            std::memcpy(&value, &bits, sizeof value);
            // SQLite has no NaN.
            return std::isnan(value) ? 1.5 : value;
        }
    }
}

Cell random_cell(Random& random) {
    switch (random.between(0, 3)) {
        case 0: {
            if (random.chance(20)) {
                // Where the years begin and end that are taken for moments, and the digits of an int64.
                return Cell::of_integer(
                    random.pick(std::vector<std::int64_t>{-62'167'219'200, 253'402'300'800,
                                                          -62'167'219'200'000, 253'402'300'800'000,
                                                          -62'167'219'200'000'000, 253'402'300'800'000'000,
                                                          std::numeric_limits<std::int64_t>::max() - 1,
                                                          std::numeric_limits<std::int64_t>::min() + 1, 0}) +
                    random.between(-1, 1));
            }
            const auto shift = random.between(0, 63);
            return Cell::of_integer(static_cast<std::int64_t>(random.bits()) >> shift);
        }
        case 1:
            return Cell::of_text(random.pick(std::vector<std::string_view>{
                "", "0", "1", "-1.50", "NaN", "-zero", "Infinity", "1e3", "12.345", "x"}));
        default:
            return Cell::of_real(random_real(random));
    }
}

std::string random_moment(Random& random, const TimePattern& pattern) {
    // What four digits of a year can say, and in one of twenty anything.
    constexpr std::int64_t k_day = 86'400'000'000;
    std::int64_t value = random.between(-730'119, 2'921'939) * (pattern.time ? k_day : 1);
    value = pattern.date ? value : 0;
    const std::int64_t unit = random.pick(std::vector<std::int64_t>{1, 1'000, 1'000'000, 60'000'000});
    value += pattern.time ? random.between(0, k_day / unit - 1) * unit : 0;
    std::string text;
    if (!pattern.write(value, text)) {
        text = "2024-02-30 25:61:61";
    }
    if (random.chance(40) && !text.empty()) {
        const auto at =
            static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(text.size()) - 1));
        text[at] = random.pick(std::string("0123456789-:T .Zx+"));
    }
    if (random.chance(5)) {
        text.resize(static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(text.size()))));
    }
    return text;
}

}  // namespace

TEST_CASE("sqlite: whether a number comes back is said as quickly as truly", "[sqlite][codec]") {
    Random random;
    CAPTURE(random.seed());
    const std::vector<ColumnCodec> codecs = codecs_with_short_ways();
    std::size_t held = 0;
    for (int i = 0; i < 20'000; ++i) {
        const Cell cell = random_cell(random);
        for (const ColumnCodec& codec : codecs) {
            INFO(spelling_of(codec) << " " << cell.integer << " " << cell.real << " " << cell.bytes);
            const bool quick = codec.round_trips(cell);
            held += quick ? 1U : 0U;
            if (quick != codec.comes_back(cell)) {
                FAIL("the two ways differ");
            }
        }
    }
    CHECK(held > 50'000);
}

TEST_CASE("sqlite: a date or time is read by a picture only if it is written so again", "[sqlite][codec]") {
    Random random;
    CAPTURE(random.seed());
    std::size_t read = 0;
    for (const char* picture :
         {"YYYY-MM-DD", "HH:MM", "HH:MM:SS", "HH:MM:SS[.S*]", "YYYY-MM-DD HH:MM:SS", "YYYY-MM-DDTHH:MM",
          "YYYY-MM-DDTHH:MM:SSZ", "YYYY-MM-DD HH:MM:SS.SSS", "YYYY-MM-DD HH:MM:SS[.SSSSSS]+00:00"}) {
        const auto pattern = TimePattern::of_picture(picture);
        REQUIRE(pattern);
        for (int i = 0; i < 5'000; ++i) {
            const std::string text = random_moment(random, *pattern);
            INFO(picture << " " << text);
            std::int64_t value = 0;
            if (!pattern->read(text, value)) {
                // What the picture writes is what it reads.
                continue;
            }
            ++read;
            std::string again;
            std::int64_t known = 0;
            const std::string whole = text.substr(0, text.size() - pattern->zone.size()) +
                                      (pattern->time && !pattern->seconds ? ":00" : "");
            const bool is_known = !pattern->time   ? model::read_date(whole, known)
                                  : !pattern->date ? model::read_time(whole, known)
                                                   : model::read_timestamp(whole, false, known);
            if (!pattern->write(value, again) || again != text || !is_known || known != value) {
                FAIL("read as " << value << ", written as " << again << ", known as " << known);
            }
        }
    }
    CHECK(read > 15'000);
}

TEST_CASE("sqlite: every date and time that a picture writes is read by it", "[sqlite][codec]") {
    for (const char* picture : {"YYYY-MM-DD", "YYYY-MM-DD HH:MM:SS", "HH:MM:SS"}) {
        const auto pattern = TimePattern::of_picture(picture);
        REQUIRE(pattern);
        const std::int64_t step = !pattern->time ? 1 : pattern->date ? 86'399'000'000 : 1'000'000;
        const std::int64_t first = !pattern->time  ? -730'119
                                   : pattern->date ? -730'119LL * 86'400'000'000
                                                   : 0;
        std::size_t written = 0;
        for (std::int64_t value = first; written < 86'400; value += step, ++written) {
            std::string text;
            std::int64_t read = 0;
            if (!pattern->write(value, text) || !pattern->read(text, read) || read != value) {
                FAIL(picture << " " << value << " " << text << " " << read);
            }
        }
    }
}
