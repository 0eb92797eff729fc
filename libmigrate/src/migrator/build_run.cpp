#include "migrator/build_run.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include <migrate/error.hpp>

#include "util/kill_point.hpp"

namespace migrate {

BuildRun::BuildRun(backend::Target& target, Context context)
    : m_target(target),
      m_context(std::move(context)),
      m_steps(target.build_steps()),
      m_progress(m_steps.size(), Progress::waiting),
      m_results(m_steps.size()) {}

std::vector<backend::BuildResult> BuildRun::run() {
    {
        const std::stop_callback on_stop(m_context.stop, [this] {
            m_halt.request_stop();
            const std::scoped_lock lock(m_mutex);
            m_changed.notify_all();
        });
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < m_context.builders; ++i) {
            threads.emplace_back([this] { work(); });
        }
        work();
    }
    if (m_error) {
        std::rethrow_exception(m_error);
    }
    return std::move(m_results);
}

void BuildRun::work() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] {
            return m_error || m_context.stop.stop_requested() || all_begun() || next() < m_steps.size();
        });
        if (m_context.stop.stop_requested() && !m_error && !all_begun()) {
            m_error = std::make_exception_ptr(Error(ErrorCode::cancelled, "stopped as asked"));
            m_changed.notify_all();
        }
        if (m_error || all_begun()) {
            return;
        }
        const std::size_t at = next();
        m_progress[at] = Progress::running;
        lock.unlock();
        try {
            std::optional<backend::BuildResult> result = build(m_steps[at]);
            lock.lock();
            if (!result) {
                m_progress[at] = Progress::waiting;
                continue;
            }
            m_results[at] = std::move(*result);
            m_progress[at] = Progress::done;
            m_changed.notify_all();
        } catch (...) {
            fail(std::current_exception());
            return;
        }
    }
}

std::optional<backend::BuildResult> BuildRun::build(const backend::BuildStep& step) {
    util::StageClock clock(m_context.stages);
    const util::PauseGate::Work work(m_context.gate, m_halt.get_token());
    if (work.has_waited()) {
        clock.waited(Stage::held);
    }
    if (m_halt.stop_requested()) {
        return std::nullopt;
    }
    util::pass_kill_point("build-step");
    backend::BuildResult result = m_target.build(step);
    clock.worked(Stage::index);
    util::pass_kill_point("build-step-done");
    m_context.done(step);
    return result;
}

void BuildRun::fail(std::exception_ptr error) {
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_error) {
            m_error = std::move(error);
        }
        m_changed.notify_all();
    }
    m_halt.request_stop();
}

std::size_t BuildRun::next() const {
    std::size_t best = m_steps.size();
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        const std::vector<std::size_t>& after = m_steps[i].after;
        const bool may_begin = m_progress[i] == Progress::waiting &&
                               std::all_of(after.begin(), after.end(), [this](std::size_t one) {
                                   return m_progress[one] == Progress::done;
                               });
        if (may_begin && m_context.builders == 1) {
            return i;
        }
        if (may_begin && (best == m_steps.size() ||
                          m_context.weight(m_steps[i].table) > m_context.weight(m_steps[best].table))) {
            best = i;
        }
    }
    return best;
}

bool BuildRun::all_begun() const {
    return std::none_of(m_progress.begin(), m_progress.end(),
                        [](Progress one) { return one == Progress::waiting; });
}

bool BuildRun::is_readable(std::size_t table) const {
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        const bool locks =
            m_steps[i].locks == backend::BuildStep::Locks::readers_of_any ||
            (m_steps[i].locks == backend::BuildStep::Locks::readers && m_steps[i].table == table);
        if (locks && m_progress[i] != Progress::done) {
            return false;
        }
    }
    return true;
}

bool BuildRun::wait_until_readable(std::size_t table) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_error || m_context.stop.stop_requested() || is_readable(table); });
    return !m_error && !m_context.stop.stop_requested();
}

}  // namespace migrate
