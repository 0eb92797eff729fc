#include "backends/json/records_profile.hpp"

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/json/field_role.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::uint64_t k_records_between_reports = 65536;
constexpr std::uint64_t k_records_between_looks = 1024;

}  // namespace

void BrokenLines::add(const std::vector<BrokenLine>& lines) {
    if (count == 0 && !lines.empty()) {
        first_reason = lines.front().reason;
    }
    count += lines.size();
}

void BrokenLines::add(const BrokenLines& next) {
    if (count == 0) {
        first_reason = next.first_reason;
    }
    count += next.count;
}

// Records with keys of their own have their primary key.
RecordsProfile::RecordsProfile(const Collection& collection, const DocumentOptions& options)
    : candidates(options.key, collection.table, options.infer_keys && !collection.is_keyed),
      limits{options.max_columns, options.max_nesting} {
    limits.max_columns -= std::min(k_synthetic_columns, limits.max_columns - 1);
}

void RecordsProfile::add(const Document& document) {
    ++profile.records;
    if (document.kind(Document::k_root) != NodeKind::object) {
        profile.all_objects = false;
        return;
    }
    profile.has_duplicate_keys = profile.has_duplicate_keys || document.has_duplicate_keys(Document::k_root);
    profile_members(document, Document::k_root, limits.max_nesting, limits, profile.members);
    candidates.add(document);
}

BrokenLines profile_part(const RecordSpec& part, const Collection& collection, const DocumentOptions& options,
                         const ProfileWatch& watch, RecordsProfile& into) {
    const auto stream = open_records(part, options);
    BrokenLines broken;
    const std::uint64_t at_once =
        watch.rate != nullptr ? watch.rate->rows_at_once(k_records_between_reports) : 0;
    std::uint64_t since_pass = 0;
    while (stream->next()) {
        if (collection.is_keyed) {
            into.profile.is_sorted = into.profile.is_sorted && into.member_order.follows(stream->key());
        }
        into.add(stream->document());
        if (watch.rate != nullptr && ++since_pass == at_once) {
            watch.rate->pass(since_pass, 0, watch.stop);
            since_pass = 0;
        }
        const std::uint64_t records = into.profile.records;
        if (records % k_records_between_looks == 0) {
            broken.add(stream->take_broken());
            if (watch.stop.stop_requested()) {
                throw Error(ErrorCode::cancelled, "reading " + part.path + " was cancelled");
            }
        }
        if (records % k_records_between_reports == 0 && watch.progress) {
            watch.progress(records);
        }
    }
    broken.add(stream->take_broken());
    return broken;
}

}  // namespace migrate::backends::json
