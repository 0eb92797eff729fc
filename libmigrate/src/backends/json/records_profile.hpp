#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "backends/json/key_candidates.hpp"
#include "backends/json/key_order.hpp"
#include "backends/json/table_shape.hpp"
#include "util/rate_limit.hpp"

namespace migrate::backends::json {

/// Lines of a file that are not JSON, of which only the first is looked at.
struct BrokenLines {
    std::uint64_t count = 0;
    std::string first_reason;

    void add(const std::vector<BrokenLine>& lines);
    void add(const BrokenLines& next);
};

/// What a collection's records have had so far, nothing being decided yet.
struct RecordsProfile {
    RecordsProfile(const Collection& collection, const DocumentOptions& options);

    CollectionProfile profile;
    KeyCandidates candidates;
    KeyOrder member_order;  ///< Of records that have keys of their own.
    ProfileLimits limits;

    void add(const Document& document);
};

/// Told from time to time how many records were read, by the thread that asked for the profile.
struct ProfileWatch {
    std::stop_token stop;
    std::function<void(std::uint64_t records)> progress;  ///< May be empty.
    unsigned threads = 1;                                 ///< That may profile at the same time.
    util::RateLimit* rate = nullptr;                      ///< Of the records read; null = none.
};

/// Adds the records of one part to the profile. Broken lines are counted. Throws: Error{cancelled,
/// malformed…}.
BrokenLines profile_part(const RecordSpec& part, const Collection& collection, const DocumentOptions& options,
                         const ProfileWatch& watch, RecordsProfile& into);

/// The same of a part of lines, several pieces of it at a time: what comes out is the same, bit for bit.
/// A piece is profiled on top of the members that the records before had when it was begun. Where it has some
/// that are new, their order follows from all that came before, so the piece is profiled once more in its
/// turn. Requires: no key is to be inferred. Memory: a profile for each of a few pieces.
BrokenLines profile_lines(const RecordSpec& part, const Collection& collection,
                          const DocumentOptions& options, const ProfileWatch& watch, RecordsProfile& into,
                          std::uint64_t piece_bytes);

}  // namespace migrate::backends::json
