#include <algorithm>
#include <tuple>
#include <utility>

#include "backend/registry.hpp"
#include "migrator/execution.hpp"
#include "util/hash.hpp"
#include "verify/digest_scan.hpp"

/// Verification at level forensic: the values of both sides are taken from their engines a second time, as
/// text and by other code, and what the run can be told by is kept.
namespace migrate {

bool Execution::has_second_route() const {
    const auto has_one = [](const Endpoint& endpoint) {
        return backend::backend_named(endpoint.engine).capabilities().text_route;
    };
    return m_plan.options.level >= VerificationLevel::forensic && has_one(m_plan.from) && has_one(m_plan.to);
}

/// What a reader and a writer have misunderstood alike agrees with itself: the engine's own spelling of the
/// values does not.
void Execution::read_in_text(backend::Source& staging, unsigned readers) {
    if (!has_second_route()) {
        return;
    }
    read_source_again(ReadRoute::text);
    const std::vector<verify::TableDigest> digests =
        read_back(staging, readers, m_context.config.stop, {}, ReadRoute::text);
    for (std::size_t i = 0; i < digests.size(); ++i) {
        TableComparison& table = m_result.verification.tables[i];
        table.target_text_digest = digests[i].digest;
        if (digests[i].not_comparable > 0 || !(digests[i].digest == table.target_digest)) {
            note_difference(table, "the target's values, read in text, are not those that were read back");
        }
    }
}

void Execution::begin_record() {
    RunRecord& record = m_result.record;
    record.started_at = m_context.now();
    m_result.verification.level = m_plan.options.level;
    record.plan_sha256 = util::sha256_hex(render_json(m_plan));
}

void Execution::end_record() {
    RunRecord& record = m_result.record;
    record.tool_version = m_plan.tool_version;
    record.from = m_plan.from_summary;
    record.to = m_plan.to_summary;
    record.source_fingerprint = m_plan.source_fingerprint;
    record.ended_at = m_context.now();
    for (const copy::LoadedTable& loaded : m_loaded) {
        record.checkpoints.insert(record.checkpoints.end(), loaded.checkpoints.begin(),
                                  loaded.checkpoints.end());
    }
    std::sort(record.checkpoints.begin(), record.checkpoints.end(),
              [](const Checkpoint& a, const Checkpoint& b) {
                  return std::tie(a.table, a.chunk.index) < std::tie(b.table, b.chunk.index);
              });
}

}  // namespace migrate
