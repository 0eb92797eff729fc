#include "verify/digest_scan.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <migrate/error.hpp>

#include "model/canonical.hpp"

namespace migrate::verify {
namespace {

struct Part {
    std::size_t task = 0;
    Chunk chunk;
    std::size_t result = 0;  ///< Index of the digest that it is a part of.
};

std::vector<TypeKind> kinds_of(const DigestTask& task) {
    std::vector<TypeKind> kinds;
    for (const std::size_t column : task.columns) {
        kinds.push_back(task.table->columns[column].type.kind);
    }
    return kinds;
}

void hold_back(const RowBatch& batch, const ScanContext& context, util::StageClock& clock) {
    if (context.rate != nullptr) {
        clock.worked(Stage::verify);
        if (context.rate->pass(batch.rows_read(), batch.byte_size(), context.stop)) {
            clock.waited(Stage::held);
        }
    }
}

/// Returns how many rows the task's program has left out.
std::uint64_t scan_chunk(backend::Source& source, const DigestTask& task, const Chunk& chunk,
                         const ScanContext& context, util::StageClock& clock,
                         const std::function<void(const RowBatch&)>& take) {
    ScanSpec spec;
    spec.table = task.table;
    spec.columns = task.columns;
    spec.chunk = chunk;
    spec.route = context.route;
    if (context.rate != nullptr) {
        spec.limits.max_rows = context.rate->rows_at_once(spec.limits.max_rows);
        spec.limits.max_bytes = context.rate->bytes_at_once(spec.limits.max_bytes);
    }
    const auto reader = source.open_reader(spec);
    const std::vector<TypeKind> kinds = kinds_of(task);
    const bool as_read = task.program.is_identity() && task.transform.is_identity();
    mapping::RowProgram::Run program(task.program);
    std::uint64_t filtered = 0;
    RowBatch batch;
    batch.reset(kinds);
    while (true) {
        if (context.stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "stopped as asked");
        }
        if (!as_read) {
            batch.reset(kinds);
        }
        const bool more = reader->next(batch);
        if (!more && batch.rejects.empty()) {
            return filtered;
        }
        hold_back(batch, context, clock);
        filtered += program.apply(batch);
        task.transform.apply(batch);
        take(batch);
        if (!more) {
            return filtered;
        }
    }
}

class DigestScan {
  public:
    DigestScan(backend::Source& source, const std::vector<DigestTask>& tasks, const ScanContext& context)
        : m_source(source), m_tasks(tasks), m_context(context), m_digests(tasks.size()) {}
    DigestScan(backend::Source& source, const std::vector<DigestTask>& tasks,
               const std::vector<DigestPart>& parts, const ScanContext& context)
        : m_source(source), m_tasks(tasks), m_context(context), m_listed(true), m_digests(parts.size()) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            m_parts.push_back({parts[i].task, parts[i].chunk, i});
        }
    }

    std::vector<TableDigest> run() {
        {
            const std::stop_callback on_stop(m_context.stop, [this] { m_halt.request_stop(); });
            std::vector<std::jthread> threads;
            guard([&] {
                for (unsigned i = 1; i < m_context.threads; ++i) {
                    threads.emplace_back([this] { work(); });
                }
                if (!m_listed) {
                    list_parts();
                }
            });
            work();
        }
        if (m_error) {
            std::rethrow_exception(m_error);
        }
        return std::move(m_digests);
    }

  private:
    template <class Body>
    void guard(Body body) {
        try {
            body();
        } catch (...) {
            const std::scoped_lock lock(m_mutex);
            m_failed = true;
            m_halt.request_stop();
            if (!m_error) {
                m_error = std::current_exception();
            }
            m_changed.notify_all();
        }
    }

    /// On the calling thread, and not before a task may be read: asking how large a table is may lock it.
    void list_parts() {
        for (std::size_t i = 0; i < m_tasks.size() && !m_failed; ++i) {
            if (m_context.await && !m_context.await(i)) {
                throw Error(ErrorCode::cancelled, "stopped as asked");
            }
            std::vector<Chunk> chunks = m_source.chunks(*m_tasks[i].table, {});
            const std::scoped_lock lock(m_mutex);
            for (Chunk& chunk : chunks) {
                m_parts.push_back({i, std::move(chunk), i});
            }
            m_changed.notify_all();
        }
        const std::scoped_lock lock(m_mutex);
        m_listed = true;
        m_changed.notify_all();
    }

    /// Nullopt when all are taken, or the scan has failed.
    std::optional<Part> next_part() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_failed || m_listed || !m_parts.empty(); });
        if (m_failed || m_parts.empty()) {
            return std::nullopt;
        }
        Part part = std::move(m_parts.front());
        m_parts.pop_front();
        return part;
    }

    void work() {
        guard([this] {
            util::StageClock clock(m_context.stages);
            while (const std::optional<Part> part = next_part()) {
                clock.waited(Stage::verify);
                const util::PauseGate::Work work(m_context.gate, m_halt.get_token());
                if (work.has_waited()) {
                    clock.waited(Stage::held);
                }
                if (m_failed) {
                    break;
                }
                take_part(*part, clock);
            }
        });
    }

    void take_part(const Part& part, util::StageClock& clock) {
        TableDigest digest;
        digest.digest.algorithm = m_context.algorithm;
        const auto take = [&](const RowBatch& batch) {
            model::digest_rows(batch, digest.digest);
            digest.not_comparable += batch.rejects.size();
            if (m_context.progress) {
                m_context.progress(part.task, batch.row_count() + batch.rejects.size());
            }
        };
        digest.filtered = scan_chunk(m_source, m_tasks[part.task], part.chunk, m_context, clock, take);
        clock.worked(Stage::verify);
        const std::scoped_lock lock(m_mutex);
        TableDigest& sum = m_digests[part.result];
        sum.digest.merge(digest.digest);
        sum.not_comparable += digest.not_comparable;
        sum.filtered += digest.filtered;
    }

    backend::Source& m_source;
    const std::vector<DigestTask>& m_tasks;
    const ScanContext& m_context;
    std::atomic<bool> m_failed = false;
    std::stop_source m_halt;  ///< By failure or as asked: ends a pause.
    std::mutex m_mutex;       ///< Guards all below.
    std::condition_variable m_changed;
    std::deque<Part> m_parts;
    bool m_listed = false;
    std::vector<TableDigest> m_digests;
    std::exception_ptr m_error;
};

}  // namespace

std::vector<TableDigest> digest_tables(backend::Source& source, const std::vector<DigestTask>& tasks,
                                       const ScanContext& context) {
    return DigestScan(source, tasks, context).run();
}

std::vector<TableDigest> digest_chunks(backend::Source& source, const std::vector<DigestTask>& tasks,
                                       const std::vector<DigestPart>& parts, const ScanContext& context) {
    return DigestScan(source, tasks, parts, context).run();
}

void scan_table(backend::Source& source, const DigestTask& task, const ScanContext& context,
                const std::function<void(const RowBatch&)>& take) {
    util::StageClock clock(context.stages);
    for (const Chunk& chunk : source.chunks(*task.table, {})) {
        const util::PauseGate::Work work(context.gate, context.stop);
        scan_chunk(source, task, chunk, context, clock, take);
    }
}

}  // namespace migrate::verify
