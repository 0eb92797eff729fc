#include "util/pause_gate.hpp"

#include <utility>

namespace migrate::util {

PauseGate::PauseGate(std::shared_ptr<const PauseControl> control, std::function<void(bool)> tell)
    : m_control(std::move(control)), m_tell(std::move(tell)) {}

bool PauseGate::is_paused() const {
    return m_control != nullptr && m_control->is_paused();
}

bool PauseGate::pass(const std::stop_token& halt) {
    bool waited = false;
    while (is_paused() && !halt.stop_requested()) {
        {
            const std::scoped_lock lock(m_mutex);
            ++m_waiting;
            settle();
        }
        m_control->wait(halt);
        const std::scoped_lock lock(m_mutex);
        --m_waiting;
        settle();
        waited = true;
    }
    return waited;
}

bool PauseGate::begin_work() {
    const std::scoped_lock lock(m_mutex);
    if (is_paused()) {
        return false;
    }
    settle();
    ++m_working;
    return true;
}

void PauseGate::end_work() {
    const std::scoped_lock lock(m_mutex);
    --m_working;
    settle();
}

PauseGate::Work::Work(PauseGate* gate, const std::stop_token& halt) : m_gate(gate) {
    while (m_gate != nullptr && !m_gate->begin_work()) {
        m_waited = m_gate->pass(halt) || m_waited;
        if (halt.stop_requested()) {
            m_gate = nullptr;
        }
    }
}

PauseGate::Work::~Work() {
    if (m_gate != nullptr) {
        m_gate->end_work();
    }
}

/// Tells what has changed. Requires: the mutex is held.
void PauseGate::settle() {
    const bool paused = is_paused();
    const bool comes_to_rest = !m_at_rest && paused && m_working == 0 && m_waiting > 0;
    const bool goes_on = m_at_rest && !paused;
    if (comes_to_rest || goes_on) {
        m_at_rest = comes_to_rest;
        if (m_tell) {
            m_tell(comes_to_rest);
        }
    }
}

}  // namespace migrate::util
