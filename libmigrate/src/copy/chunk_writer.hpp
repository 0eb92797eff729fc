#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <migrate/digest.hpp>
#include <migrate/error.hpp>
#include <migrate/row_batch.hpp>

#include "backend/target.hpp"
#include "copy/reject_policy.hpp"

namespace migrate::copy {

/// What became of a chunk's rows.
struct ChunkTally {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::uint64_t rejected = 0;
    std::uint64_t nulled = 0;
    Digest digest;  ///< Of the rows that were written.
    RejectCounts reasons;
};

/// Writes the batches of one chunk into its transaction and deals with the rows that do not fit as the policy
/// says: those that came as rejects, and those that the target refuses, which are taken out of their batch so
/// that the others arrive. Dead letters go into the same transaction. Used by one thread.
class ChunkWriter {
  public:
    /// Both outlive it.
    ChunkWriter(backend::TargetTransaction& transaction, const RejectPolicy& policy,
                DigestAlgorithm digests = DigestAlgorithm::xxh3)
        : m_transaction(transaction), m_policy(policy) {
        m_removed.algorithm = digests;
        m_replaced.algorithm = digests;
    }

    /// Throws: Error{row} for a row that does not fit where the policy is to stop.
    void write(const RowBatch& batch);

    /// `read` is the digest of all rows of the batches.
    ChunkTally finish(const Digest& read);

  private:
    struct Part {
        std::size_t first;
        std::size_t last;
    };

    void take_rejects(const RowBatch& batch);
    void send(const RowBatch& batch, Part part);
    bool try_send(const RowBatch& rows, ErrorFacts& refusal, std::string& why);
    void settle(const RowBatch& batch, Part part, const ErrorFacts& refusal, const std::string& why);
    void refuse(const RowBatch& batch, std::size_t row, ErrorFacts refusal, std::string why);
    bool send_with_nulls(RowBatch& row, ErrorFacts& refusal, std::string& why, std::string& columns);
    void note(RejectedRow reject);
    void write_dead_letters();

    backend::TargetTransaction& m_transaction;
    const RejectPolicy& m_policy;
    ChunkTally m_tally;
    Digest m_removed;   ///< Of rows that were in a batch but not written as they were.
    Digest m_replaced;  ///< Of the rows with NULLs that were written in their place.
    std::uint64_t m_refused = 0;
    std::vector<std::uint64_t> m_ordinals;           ///< Of the present batch's rows; empty until asked for.
    std::map<std::uint64_t, RejectedRow> m_letters;  ///< Of the present batch.
};

}  // namespace migrate::copy
