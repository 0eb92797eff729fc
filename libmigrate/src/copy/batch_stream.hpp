#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/row_batch.hpp>

namespace migrate::copy {

/// The batches of one chunk on their way from a reader's thread to a writer's: a queue bounded by bytes, so
/// that memory stays bounded however slow the writer is. One producer, one consumer.
class BatchStream {
  public:
    explicit BatchStream(std::size_t max_bytes) : m_max_bytes(max_bytes) {}

    /// A batch whose memory can be used again, or a fresh one.
    RowBatch spare();
    /// Waits for room. False when the consumer has given up: the producer then stops. A batch larger than the
    /// bound passes when the queue is empty.
    bool push(RowBatch batch);
    /// After the last batch. The digest is of all rows pushed; `filtered` counts those that the mapping left
    /// out.
    void finish(const Digest& digest, std::uint64_t filtered = 0);
    void fail(std::exception_ptr error);

    /// Waits for a batch; false at the end. Throws: what the producer failed with.
    bool pop(RowBatch& batch);
    void recycle(RowBatch batch);
    /// Requires: pop returned false.
    [[nodiscard]] Digest digest() const;
    [[nodiscard]] std::uint64_t filtered() const;
    /// The consumer gives up; the producer's next push returns false.
    void cancel();

  private:
    mutable std::mutex m_mutex;
    std::condition_variable m_room;
    std::condition_variable m_filled;
    std::deque<RowBatch> m_queue;
    std::vector<RowBatch> m_spares;
    std::size_t m_max_bytes;
    std::size_t m_bytes = 0;
    std::exception_ptr m_error;
    Digest m_digest;
    std::uint64_t m_filtered = 0;
    bool m_finished = false;
    bool m_cancelled = false;
};

}  // namespace migrate::copy
