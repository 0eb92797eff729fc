#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <migrate/digest.hpp>
#include <migrate/row_batch.hpp>

namespace migrate::model {

/// Appends a row's canonical bytes: per column a big-endian int32 length (−1 for NULL) and the value in
/// PostgreSQL's binary COPY encoding of its kind, NaNs made one NaN. Two engines' readings of the same row
/// give the same bytes, so this is what digests are taken of.
void append_canonical_row(const RowBatch& batch, std::size_t row, std::string& out);

/// Adds one row, given as its canonical bytes, to the digest. xxh3: the low and high halves of XXH3's 128
/// bits. sha256: bytes 8 to 15 and 0 to 7 of the hash, big-endian.
void digest_canonical_row(std::string_view row, Digest& digest);

/// Adds every row of the batch to the digest. Not thread-safe for one digest.
void digest_rows(const RowBatch& batch, Digest& digest);

}  // namespace migrate::model
