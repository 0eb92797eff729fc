#include "copy/chunk_reader.hpp"

#include <utility>

#include <migrate/error.hpp>

#include "mapping/row_program.hpp"
#include "model/canonical.hpp"

namespace migrate::copy {
namespace {

ScanSpec spec_of(const TableWork& work, const Chunk& chunk, const util::RateLimit* rate) {
    ScanSpec spec;
    spec.table = work.source;
    spec.columns = work.program.columns();
    spec.chunk = chunk;
    spec.profile = work.profile;
    if (work.program.is_identity()) {
        // What is computed from a value must not be computed from its absence.
        spec.null_misfits = work.policy.may_be_null;
    }
    if (rate != nullptr) {
        spec.limits.max_rows = rate->rows_at_once(spec.limits.max_rows);
        spec.limits.max_bytes = rate->bytes_at_once(spec.limits.max_bytes);
    }
    return spec;
}

void hold_back(const RowBatch& batch, const ReadPace& pace, util::StageClock& clock) {
    if (pace.rate != nullptr && pace.rate->pass(batch.rows_read(), batch.byte_size(), pace.halt)) {
        clock.waited(Stage::held);
    }
}

}  // namespace

void read_chunk(backend::Source& source, const TableWork& work, const Chunk& chunk, BatchStream& stream,
                const ReadPace& pace, util::StageClock& clock) {
    clock.look();
    const auto reader = source.open_reader(spec_of(work, chunk, pace.rate));
    const bool as_read = work.program.is_identity() && work.transform.is_identity();
    mapping::RowProgram::Run program(work.program);
    Digest digest;
    digest.algorithm = work.digests;
    std::uint64_t ordinal = 0;
    std::uint64_t filtered = 0;
    while (true) {
        if (pace.stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "stopped as asked");
        }
        RowBatch batch = stream.spare();
        if (batch.columns.size() != work.kinds.size() || !as_read) {
            batch.reset(work.kinds);
        }
        const bool more = reader->next(batch);
        clock.worked(Stage::read);
        if (!more && batch.rejects.empty()) {
            break;
        }
        hold_back(batch, pace, clock);
        batch.first_ordinal = ordinal;
        ordinal += batch.rows_read();
        filtered += program.apply(batch);
        work.transform.apply(batch);
        model::digest_rows(batch, digest);
        clock.worked(Stage::map);
        const bool wanted = stream.push(std::move(batch));
        clock.waited(Stage::read);
        if (!wanted || !more) {
            break;
        }
    }
    stream.finish(digest, filtered);
}

}  // namespace migrate::copy
