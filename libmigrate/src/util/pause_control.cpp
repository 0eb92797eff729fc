#include <condition_variable>
#include <mutex>

#include <migrate/pause_control.hpp>

MIGRATE_NAMESPACE_BEGIN

struct PauseControl::Impl {
    std::mutex mutex;
    std::condition_variable_any changed;
    bool paused = false;

    void set(bool to) {
        const std::scoped_lock lock(mutex);
        paused = to;
        changed.notify_all();
    }
};

PauseControl::PauseControl() : m_impl(std::make_unique<Impl>()) {}
PauseControl::~PauseControl() = default;

void PauseControl::pause() {
    m_impl->set(true);
}

void PauseControl::go_on() {
    m_impl->set(false);
}

bool PauseControl::is_paused() const {
    const std::scoped_lock lock(m_impl->mutex);
    return m_impl->paused;
}

void PauseControl::wait(const std::stop_token& stop) const {
    std::unique_lock lock(m_impl->mutex);
    m_impl->changed.wait(lock, stop, [this] { return !m_impl->paused; });
}

MIGRATE_NAMESPACE_END
