#include "copy/loader.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <migrate/error.hpp>

#include "copy/batch_stream.hpp"
#include "copy/chunk_reader.hpp"
#include "copy/chunk_writer.hpp"
#include "copy/table_work.hpp"
#include "util/kill_point.hpp"

namespace migrate::copy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned k_max_attempts = 5;
constexpr auto k_first_backoff = std::chrono::milliseconds(100);

struct Task {
    std::size_t table = 0;  ///< Index into plan.tables.
    Chunk chunk;            ///< As the source has it.
    Chunk recorded;         ///< As the target knows it.
    unsigned attempt = 0;
    std::shared_ptr<BatchStream> stream;
    ChunkTally tally;  ///< Once all is written.
};

class Loader {
  public:
    explicit Loader(const LoadRequest& request) : m_request(request), m_loaded(request.plan.tables.size()) {
        for (const TablePlan& table : request.plan.tables) {
            m_work.push_back(make_work(request.plan, table));
        }
        make_tasks();
    }

    std::vector<LoadedTable> run() {
        {
            const std::stop_callback on_stop(m_request.stop, [this] { halt(); });
            std::vector<std::jthread> threads;
            for (unsigned i = 0; i < std::max(1U, m_request.readers); ++i) {
                threads.emplace_back([this] { guard([this] { read_chunks(); }); });
            }
            for (unsigned i = 0; i < std::max(1U, m_request.writers); ++i) {
                threads.emplace_back([this] { guard([this] { write_chunks(); }); });
            }
        }
        for (std::size_t cut_off = m_streams.size(); cut_off > 0; --cut_off) {
            end_work();
        }
        if (m_error) {
            std::rethrow_exception(m_error);
        }
        return std::move(m_loaded);
    }

  private:
    void make_tasks() {
        for (const ListedChunk& listed : m_request.chunks) {
            if (listed.finished) {
                count_finished(listed);
            } else {
                m_to_read.push_back({listed.table, listed.chunk, listed.recorded(), 0, nullptr, {}});
            }
        }
        m_open_tasks = m_to_read.size();
    }

    void count_finished(const ListedChunk& listed) {
        LoadedTable& loaded = m_loaded[listed.table];
        loaded.rows += listed.finished->rows;
        loaded.rejected += listed.finished->rejects;
        loaded.nulled += listed.finished->nulled;
        loaded.filtered += listed.finished->filtered;
        loaded.digest.merge(listed.finished->digest);
        ++loaded.chunks;
        loaded.checkpoints.push_back(*listed.finished);
        if (m_request.progress) {
            m_request.progress(listed.table, listed.finished->rows, 0);
        }
    }

    template <class Body>
    void guard(Body body) {
        try {
            body();
        } catch (...) {
            fail(std::current_exception());
        }
    }

    void fail(std::exception_ptr error) {
        const std::scoped_lock lock(m_mutex);
        if (!m_error) {
            m_error = std::move(error);
        }
        for (const auto& stream : m_streams) {
            stream->cancel();
        }
        m_changed.notify_all();
        m_halt.request_stop();
    }

    void halt() {
        const std::scoped_lock lock(m_mutex);
        m_changed.notify_all();
        m_halt.request_stop();
    }

    void check_stop() const {
        if (m_request.stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "stopped as asked");
        }
    }

    /// The next chunk to read, with a stream that a writer will find; false when all is done or has failed.
    /// The gate is asked without the lock: whom it tells of a pause may stop the load, which takes it.
    bool take_to_read(Task& task, util::StageClock& clock) {
        while (wait_to_read()) {
            clock.look();
            if (m_request.gate != nullptr && m_request.gate->pass(m_halt.get_token())) {
                clock.waited(Stage::held);
            }
            if (m_request.gate != nullptr && !m_request.gate->begin_work()) {
                continue;
            }
            if (try_to_take(task)) {
                return true;
            }
            end_work();
        }
        return false;
    }

    /// Requires: the mutex is held.
    [[nodiscard]] bool may_read() const {
        return !m_error && !m_to_read.empty() && m_streams.size() < m_most_streams;
    }

    /// False when there is nothing left.
    bool wait_to_read() {
        std::unique_lock lock(m_mutex);
        // A chunk that is being written may come back to be tried again.
        m_changed.wait(lock, [&] {
            return m_error || m_request.stop.stop_requested() || m_open_tasks == 0 || may_read();
        });
        check_stop();
        return may_read();
    }

    /// False where another reader has been faster.
    bool try_to_take(Task& task) {
        const std::scoped_lock lock(m_mutex);
        if (m_request.stop.stop_requested() || !may_read()) {
            return false;
        }
        task = std::move(m_to_read.front());
        m_to_read.pop_front();
        task.stream = std::make_shared<BatchStream>(m_request.queue_bytes);
        m_streams.push_back(task.stream);
        m_to_write.push_back(task);
        m_changed.notify_all();
        return true;
    }

    /// Of a chunk that was taken: it is committed, or goes back to be tried again.
    void end_work() {
        if (m_request.gate != nullptr) {
            m_request.gate->end_work();
        }
    }

    bool take_to_write(Task& task) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] {
            return m_error || m_request.stop.stop_requested() || !m_to_write.empty() || m_open_tasks == 0;
        });
        check_stop();
        if (m_error || m_to_write.empty()) {
            return false;
        }
        task = std::move(m_to_write.front());
        m_to_write.pop_front();
        return true;
    }

    void read_chunks() {
        const ReadPace pace{m_request.stop, m_halt.get_token(), m_request.rate};
        util::StageClock clock(m_request.stages);
        Task task;
        while (take_to_read(task, clock)) {
            try {
                read_chunk(m_request.source, m_work[task.table], task.chunk, *task.stream, pace, clock);
            } catch (...) {
                task.stream->fail(std::current_exception());
            }
        }
    }

    void write_chunks() {
        util::StageClock clock(m_request.stages);
        std::unique_ptr<backend::Writer> writer;
        Task task;
        while (take_to_write(task)) {
            clock.look();
            try {
                if (!writer) {
                    writer = m_request.target.open_writer();
                }
                write_chunk(*writer, task, clock);
            } catch (const RefusedRow& refused) {
                task.stream->cancel();
                const std::optional<std::uint64_t> ordinal = refused.ordinal();
                if (!ordinal) {
                    throw;
                }
                const bool filtered = !m_request.plan.tables[task.table].where.empty();
                throw refused.at(place_of(m_request.chunks, task.table, task.chunk, *ordinal, filtered));
            } catch (const Error& error) {
                task.stream->cancel();
                writer.reset();
                if (!try_again(task, error)) {
                    throw;
                }
            }
        }
    }

    /// After a lost answer the target is asked first: the chunk may be there.
    bool try_again(Task& task, const Error& error) {
        const bool unknown = dynamic_cast<const CommitUnknownError*>(&error) != nullptr;
        if (!(error.retryable() || unknown) || task.attempt + 1 >= k_max_attempts) {
            return false;
        }
        if (m_request.retry) {
            m_request.retry(error.what());
        }
        std::this_thread::sleep_for(k_first_backoff * (1U << task.attempt));
        if (unknown) {
            const auto writer = m_request.target.open_writer();
            if (const auto found = writer->find_checkpoint(claim_of(task))) {
                // What was written is what this attempt counted; the record in the target has the last word.
                task.tally.rows = found->rows;
                task.tally.rejected = found->rejects;
                task.tally.nulled = found->nulled;
                task.tally.digest = found->digest;
                finish(task);
                return true;
            }
        }
        {
            const std::scoped_lock lock(m_mutex);
            ++task.attempt;
            m_to_read.push_front({task.table, task.chunk, task.recorded, task.attempt, nullptr, {}});
            std::erase(m_streams, task.stream);
            m_changed.notify_all();
        }
        end_work();
        return true;
    }

    [[nodiscard]] ChunkClaim claim_of(const Task& task) const {
        return {m_request.plan.id, m_request.owner, m_request.epoch, m_work[task.table].target,
                task.recorded};
    }

    [[nodiscard]] Checkpoint checkpoint_of(const Task& task) const {
        const Table& target = m_request.plan.target.tables[m_work[task.table].target];
        return {m_request.plan.id,   target.name,       task.recorded,     task.tally.rows,
                task.tally.rejected, task.tally.digest, task.tally.nulled, task.stream->filtered()};
    }

    void write_chunk(backend::Writer& writer, Task& task, util::StageClock& clock) {
        const TableWork& work = m_work[task.table];
        started(task.table);
        const auto transaction = writer.begin(claim_of(task), WriteMode::append);
        util::pass_kill_point("chunk-begun");
        ChunkWriter chunk(*transaction, work.policy, work.digests);
        RowBatch batch;
        clock.worked(Stage::target);
        while (task.stream->pop(batch)) {
            clock.waited(Stage::encode);
            chunk.write(batch);
            clock.worked(Stage::send);
            if (m_request.progress) {
                m_request.progress(task.table, batch.rows_read(), batch.byte_size());
            }
            task.stream->recycle(std::move(batch));
            batch = RowBatch();
        }
        clock.waited(Stage::encode);
        const backend::WriteTimes times = transaction->times();
        clock.move(Stage::send, Stage::encode, times.encoding);
        clock.move(Stage::send, Stage::target, times.answering);
        check_stop();
        {
            const std::scoped_lock lock(m_mutex);
            if (m_error) {
                return;
            }
        }
        task.tally = chunk.finish(task.stream->digest());
        util::pass_kill_point("chunk-written");
        transaction->record(checkpoint_of(task));
        util::pass_kill_point("chunk-recorded");
        transaction->commit();
        clock.worked(Stage::target);
        util::pass_kill_point("chunk-committed");
        finish(task);
    }

    void started(std::size_t table) {
        const std::scoped_lock lock(m_mutex);
        LoadedTable& loaded = m_loaded[table];
        if (loaded.first_started == Clock::time_point()) {
            loaded.first_started = Clock::now();
        }
    }

    void finish(const Task& task) {
        count(task);
        end_work();
    }

    void count(const Task& task) {
        const std::scoped_lock lock(m_mutex);
        LoadedTable& loaded = m_loaded[task.table];
        loaded.rows += task.tally.rows;
        loaded.rejected += task.tally.rejected;
        loaded.nulled += task.tally.nulled;
        loaded.bytes += task.tally.bytes;
        loaded.reasons.merge(task.tally.reasons);
        ++loaded.chunks;
        loaded.filtered += task.stream->filtered();
        loaded.digest.merge(task.tally.digest);
        loaded.checkpoints.push_back(checkpoint_of(task));
        loaded.last_finished = Clock::now();
        std::erase(m_streams, task.stream);
        --m_open_tasks;
        m_changed.notify_all();
    }

    const LoadRequest& m_request;
    std::vector<TableWork> m_work;
    std::vector<LoadedTable> m_loaded;

    std::mutex m_mutex;  ///< Guards all below, and m_loaded.
    std::condition_variable m_changed;
    std::deque<Task> m_to_read;
    std::deque<Task> m_to_write;
    std::vector<std::shared_ptr<BatchStream>> m_streams;
    std::size_t m_open_tasks = 0;
    /// A chunk may be read whole before its turn to be written; only so many may wait, or memory would grow.
    const std::size_t m_most_streams = std::max(1U, m_request.readers) + std::max(1U, m_request.writers);
    std::exception_ptr m_error;
    std::stop_source m_halt;  ///< By failure or as asked: ends what waits elsewhere than at m_changed.
};

}  // namespace

std::vector<LoadedTable> load(const LoadRequest& request) {
    return Loader(request).run();
}

}  // namespace migrate::copy
