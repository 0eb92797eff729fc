#pragma once

#include <memory>

#include "backend/source.hpp"
#include "backend/staged_digests.hpp"
#include "backends/sqlite/profile_book.hpp"
#include "backends/sqlite/snapshot.hpp"

namespace migrate::backends::sqlite {

/// Requires: the snapshot is pinned and outlives the reader.
/// `stored`, if there is one, gets the digest of a part of a table that was read to its end, all columns of
/// it. `book`, if there is one, gets what its columns show, where the spec asks for that.
std::unique_ptr<backend::Reader> make_reader(Snapshot& snapshot, const ScanSpec& spec,
                                             std::shared_ptr<backend::StagedDigests> stored = nullptr,
                                             std::shared_ptr<ProfileBook> book = nullptr);

}  // namespace migrate::backends::sqlite
