#include "copy/batch_stream.hpp"

#include <utility>

namespace migrate::copy {

RowBatch BatchStream::spare() {
    const std::scoped_lock lock(m_mutex);
    if (m_spares.empty()) {
        return {};
    }
    RowBatch batch = std::move(m_spares.back());
    m_spares.pop_back();
    return batch;
}

bool BatchStream::push(RowBatch batch) {
    const std::size_t bytes = batch.byte_size();
    std::unique_lock lock(m_mutex);
    m_room.wait(lock, [&] { return m_cancelled || m_queue.empty() || m_bytes + bytes <= m_max_bytes; });
    if (m_cancelled) {
        return false;
    }
    m_bytes += bytes;
    m_queue.push_back(std::move(batch));
    m_filled.notify_one();
    return true;
}

void BatchStream::finish(const Digest& digest, std::uint64_t filtered) {
    const std::scoped_lock lock(m_mutex);
    m_digest = digest;
    m_filtered = filtered;
    m_finished = true;
    m_filled.notify_one();
}

void BatchStream::fail(std::exception_ptr error) {
    const std::scoped_lock lock(m_mutex);
    m_error = std::move(error);
    m_finished = true;
    m_filled.notify_one();
}

bool BatchStream::pop(RowBatch& batch) {
    std::unique_lock lock(m_mutex);
    m_filled.wait(lock, [&] { return m_cancelled || m_error || m_finished || !m_queue.empty(); });
    if (m_error) {
        std::rethrow_exception(m_error);
    }
    if (m_cancelled || m_queue.empty()) {
        return false;
    }
    batch = std::move(m_queue.front());
    m_queue.pop_front();
    m_bytes -= batch.byte_size();
    m_room.notify_one();
    return true;
}

void BatchStream::recycle(RowBatch batch) {
    // A batch that held one huge row would keep its memory for nothing.
    if (batch.byte_size() > m_max_bytes) {
        return;
    }
    const std::scoped_lock lock(m_mutex);
    m_spares.push_back(std::move(batch));
}

Digest BatchStream::digest() const {
    const std::scoped_lock lock(m_mutex);
    return m_digest;
}

std::uint64_t BatchStream::filtered() const {
    const std::scoped_lock lock(m_mutex);
    return m_filtered;
}

void BatchStream::cancel() {
    const std::scoped_lock lock(m_mutex);
    m_cancelled = true;
    m_room.notify_all();
    m_filled.notify_all();
}

}  // namespace migrate::copy
