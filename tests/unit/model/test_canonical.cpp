#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "model/canonical.hpp"
#include "model/value_text.hpp"
#include "support/random.hpp"
#include "util/hex.hpp"

using namespace migrate;

namespace {

std::string canonical(const RowBatch& batch, std::size_t row = 0) {
    std::string out;
    model::append_canonical_row(batch, row, out);
    return util::to_hex(out);
}

RowBatch one(TypeKind kind, std::int64_t slot) {
    RowBatch batch;
    batch.reset({kind});
    batch.columns[0].append_fixed(slot);
    return batch;
}

RowBatch one(TypeKind kind, std::string_view bytes) {
    RowBatch batch;
    batch.reset({kind});
    batch.columns[0].append_bytes(bytes);
    return batch;
}

RowBatch random_batch(test::Random& random, std::int64_t rows) {
    RowBatch batch;
    batch.reset({TypeKind::int64, TypeKind::boolean, TypeKind::text, TypeKind::float64, TypeKind::decimal,
                 TypeKind::date, TypeKind::variant});
    for (std::int64_t i = 0; i < rows; ++i) {
        for (ColumnVector& column : batch.columns) {
            if (random.chance(20)) {
                column.append_null();
            } else if (column.layout() == ValueLayout::fixed) {
                column.append_fixed(column.kind() == TypeKind::boolean ? random.between(0, 1)
                                                                       : random.between(-1000, 1000));
            } else if (column.kind() == TypeKind::decimal) {
                std::string numeric;
                model::read_decimal(random.digits(random.between(1, 20)), numeric);
                column.append_bytes(numeric);
            } else {
                column.append_bytes("t" + random.bytes(random.between(0, 300)));
            }
        }
    }
    return batch;
}

}  // namespace

TEST_CASE("canonical: values have the widths of binary COPY", "[canonical]") {
    CHECK(canonical(one(TypeKind::boolean, 1)) == "0000000101");
    CHECK(canonical(one(TypeKind::int16, -2)) == "00000002fffe");
    CHECK(canonical(one(TypeKind::int32, 258)) == "0000000400000102");
    CHECK(canonical(one(TypeKind::date, -1)) == "00000004ffffffff");
    CHECK(canonical(one(TypeKind::int64, 1)) == "000000080000000000000001");
    CHECK(canonical(one(TypeKind::timestamp, -1)) == "00000008ffffffffffffffff");
    CHECK(canonical(one(TypeKind::text, std::string_view("ab"))) == "000000026162");
    CHECK(canonical(one(TypeKind::text, std::string_view())) == "00000000");
    RowBatch null;
    null.reset({TypeKind::int32, TypeKind::text});
    null.columns[0].append_null();
    null.columns[1].append_null();
    CHECK(canonical(null) == "ffffffffffffffff");
}

TEST_CASE("canonical: all NaNs are one, zeros keep their sign", "[canonical]") {
    const auto real = [](double value) { return one(TypeKind::float64, std::bit_cast<std::int64_t>(value)); };
    CHECK(canonical(real(-std::nan("7"))) == "000000087ff8000000000000");
    CHECK(canonical(real(std::numeric_limits<double>::signaling_NaN())) == "000000087ff8000000000000");
    CHECK(canonical(real(-0.0)) == "000000088000000000000000");
    CHECK(canonical(one(TypeKind::float32, 0x7FC00001)) == "000000047fc00000");
    CHECK(canonical(one(TypeKind::decimal, std::string_view("\0\0\0\0\xC0\0\0\x05", 8))) ==
          "0000000800000000c0000000");
    CHECK(canonical(one(TypeKind::decimal, std::string_view("\0\0\0\0\xD0\0\0\0", 8))) ==
          "0000000800000000d0000020");
    CHECK(canonical(one(TypeKind::variant, std::string_view("r\xFF\xF8\0\0\0\0\0\x01", 9))) ==
          "00000009727ff8000000000000");
}

TEST_CASE("digest: the batch's digest is that of its rows one by one, in any order", "[canonical][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (const DigestAlgorithm algorithm : {DigestAlgorithm::xxh3, DigestAlgorithm::sha256}) {
        const RowBatch batch = random_batch(random, 700);
        Digest whole;
        whole.algorithm = algorithm;
        model::digest_rows(batch, whole);
        Digest backwards;
        backwards.algorithm = algorithm;
        for (std::size_t row = batch.row_count(); row > 0; --row) {
            std::string bytes;
            model::append_canonical_row(batch, row - 1, bytes);
            model::digest_canonical_row(bytes, backwards);
        }
        CHECK(whole == backwards);
        CHECK(whole.rows == 700);
    }
}

TEST_CASE("digest: equal rows do not cancel and a changed value shows", "[canonical]") {
    const auto digest_of = [](std::initializer_list<std::int64_t> values) {
        RowBatch batch;
        batch.reset({TypeKind::int64});
        for (const std::int64_t value : values) {
            batch.columns[0].append_fixed(value);
        }
        Digest digest;
        model::digest_rows(batch, digest);
        return digest;
    };
    CHECK(digest_of({1, 2, 3}) == digest_of({3, 1, 2}));
    CHECK_FALSE(digest_of({1, 1, 2, 2}) == digest_of({3, 3, 4, 4}));
    CHECK_FALSE(digest_of({1, 1}) == digest_of({2, 2}));
    CHECK_FALSE(digest_of({1, 2}) == digest_of({1, 3}));
}

TEST_CASE("digest: that of no rows is of any algorithm, and of no other once it has rows", "[canonical]") {
    Digest forensic;
    forensic.algorithm = DigestAlgorithm::sha256;
    model::digest_canonical_row("abc", forensic);
    Digest none;
    CHECK_FALSE(none == forensic);
    none.merge(forensic);
    CHECK(none == forensic);
    Digest fast;
    model::digest_canonical_row("abc", fast);
    CHECK_THROWS_AS(none.merge(fast), Error);
    CHECK_THROWS_AS(none.subtract(fast), Error);
    none.merge(Digest());
    CHECK(none == forensic);
    none.subtract(forensic);
    CHECK(none == Digest());
    // What is taken out of nothing is not nothing: a correction to be added later.
    Digest correction;
    correction.subtract(forensic);
    CHECK_FALSE(correction == Digest());
    CHECK(correction.algorithm == DigestAlgorithm::sha256);
    correction.merge(forensic);
    CHECK(correction == Digest());
}

TEST_CASE("digest: its text comes back, and its hashes never change", "[canonical]") {
    Digest digest;
    model::digest_canonical_row("abc", digest);
    // XXH3's 128 bits of "abc"; stored checkpoints hold such sums.
    CHECK(to_string(digest) == "xxh3:1:000000000000000078af5f94892f3950:000000000000000006b05ab6733a6185");
    Digest forensic;
    forensic.algorithm = DigestAlgorithm::sha256;
    model::digest_canonical_row("abc", forensic);
    CHECK(to_string(forensic) ==
          "sha256:1:0000000000000000414140de5dae2223:0000000000000000ba7816bf8f01cfea");
    CHECK(parse_digest(to_string(forensic)) == forensic);
    // Source: FIPS 180-4's examples, of 448 bits and of a million letters; the first 16 bytes of each.
    const auto sha256_of = [](std::string_view row) {
        Digest one;
        one.algorithm = DigestAlgorithm::sha256;
        model::digest_canonical_row(row, one);
        return to_string(one);
    };
    CHECK(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "sha256:1:0000000000000000e5c026930c3e6039:0000000000000000248d6a61d20638b8");
    CHECK(sha256_of(std::string(1'000'000, 'a')) ==
          "sha256:1:000000000000000081a1c7e284d73e67:0000000000000000cdc76e5c9914fb92");
    for (int i = 0; i < 100; ++i) {
        digest.merge(digest);
        CHECK(parse_digest(to_string(digest)) == digest);
        if (digest.rows > (1ULL << 60U)) {
            break;
        }
    }
    CHECK_THROWS_AS(digest.merge(forensic), Error);
    for (const char* const text :
         {"", "xxh3", "xxh3:1:2", "md5:1:0:0", "xxh3:x:0:0",
          "xxh3:1:000000000000000078af5f94892f3950:00000000000000006b05ab6733a6185",
          "xxh3:1:00000000000000007 af5f94892f3950:000000000000000006b05ab6733a6185"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_digest(text), Error);
    }
}
