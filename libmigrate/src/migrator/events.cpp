#include "migrator/events.hpp"

namespace migrate {
namespace {

constexpr auto k_between_events = std::chrono::milliseconds(100);

}  // namespace

void EventSink::set_migration(const std::string& id) {
    const std::scoped_lock lock(m_mutex);
    m_migration = id;
}

void EventSink::start(Phase phase, std::uint64_t all_total, const std::string& message) {
    finish();
    if (m_on_phase) {
        m_on_phase(phase, true);
    }
    const std::scoped_lock lock(m_mutex);
    m_running = true;
    m_phase = phase;
    m_started = Clock::now();
    m_all_done = 0;
    m_all_bytes = 0;
    m_all_total = all_total;
    m_tables.clear();
    if (m_remaining) {
        m_remaining->start(phase, m_started);
    }
    MigrationEvent event;
    event.kind = EventKind::phase_started;
    event.message = message;
    emit(std::move(event));
}

void EventSink::finish() {
    std::unique_lock lock(m_mutex);
    if (!m_running) {
        return;
    }
    m_running = false;
    m_phases.emplace_back(m_phase,
                          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - m_started));
    MigrationEvent event;
    event.kind = EventKind::phase_finished;
    emit(std::move(event));
    lock.unlock();
    if (m_on_phase) {
        m_on_phase(m_phase, false);
    }
}

void EventSink::progress(const std::string& table, std::uint64_t rows, std::uint64_t bytes,
                         std::uint64_t table_total) {
    const std::scoped_lock lock(m_mutex);
    add(table, rows, bytes, table_total);
}

void EventSink::reached(const std::string& what, std::uint64_t done, std::uint64_t total) {
    const std::scoped_lock lock(m_mutex);
    const std::uint64_t before = m_tables[what].done;
    add(what, done > before ? done - before : 0, 0, total);
}

void EventSink::add(const std::string& table, std::uint64_t rows, std::uint64_t bytes,
                    std::uint64_t table_total) {
    Counter& counter = m_tables[table];
    counter.done += rows;
    counter.bytes += bytes;
    m_all_done += rows;
    m_all_bytes += bytes;
    const auto now = Clock::now();
    if (m_remaining) {
        m_remaining->advance(table, rows, now);
    }
    const bool complete = table_total > 0 && counter.done >= table_total;
    if (!complete && now - counter.told < k_between_events) {
        return;
    }
    counter.told = now;
    MigrationEvent event;
    event.table = table;
    event.done = counter.done;
    event.total = table_total;
    event.bytes = counter.bytes;
    emit(std::move(event));
}

void EventSink::expect(RunForecast forecast) {
    const std::scoped_lock lock(m_mutex);
    m_remaining.emplace(std::move(forecast));
    m_remaining->start(m_phase, m_started);
}

void EventSink::expect_work(Phase phase, PhaseWork work) {
    const std::scoped_lock lock(m_mutex);
    if (m_remaining) {
        m_remaining->set_work(phase, std::move(work));
    }
}

void EventSink::credit(const std::string& table, std::uint64_t rows) {
    const std::scoped_lock lock(m_mutex);
    if (m_remaining) {
        m_remaining->credit(table, rows);
    }
}

void EventSink::note(EventKind kind, const std::string& table, const std::string& message) {
    const std::scoped_lock lock(m_mutex);
    if (kind == EventKind::paused) {
        m_paused_from = Clock::now();
    } else if (kind == EventKind::going_on && m_paused_from) {
        if (m_remaining) {
            m_remaining->skip(Clock::now() - *m_paused_from);
        }
        m_paused_from.reset();
    }
    MigrationEvent event;
    event.kind = kind;
    event.table = table;
    event.message = message;
    emit(std::move(event));
}

std::vector<std::pair<Phase, std::chrono::milliseconds>> EventSink::phases() const {
    const std::scoped_lock lock(m_mutex);
    return m_phases;
}

void EventSink::emit(MigrationEvent event) {
    if (!m_observer) {
        return;
    }
    event.phase = m_phase;
    event.migration = m_migration;
    event.all_done = m_all_done;
    event.all_total = m_all_total;
    event.time = Clock::now();
    if (m_remaining) {
        event.remaining =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_remaining->left(event.time));
    }
    m_observer(event);
}

}  // namespace migrate
