#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <migrate/event.hpp>

#include "progress_model.hpp"

namespace migrate::cli {

/// Shows how far a run is on standard error: redrawn in place on a terminal, one line every few seconds in a
/// pipe, each event as a line of JSON where asked for, nothing where quiet. Everything else that goes to
/// standard error meanwhile goes through print(), so that it does not tear the display. Thread-safe.
class Progress {
  public:
    enum class Mode : std::uint8_t { none, lines, live, json };

    explicit Progress(Mode mode);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// What suits standard error, unless `asked` (a value of --progress) says it.
    static Mode suitable(bool quiet, std::string_view asked);

    void observe(const MigrationEvent& event);
    /// Writes whole lines above the display.
    void print(std::string_view text);
    /// Takes the display away; later events are not shown.
    void close();

  private:
    void tick();
    void draw();
    void erase();

    Mode m_mode;
    ProgressModel::Clock::time_point m_start = ProgressModel::Clock::now();
    std::mutex m_mutex;
    std::condition_variable m_wake;
    ProgressModel m_model;
    std::size_t m_drawn = 0;  ///< Lines on the terminal now.
    bool m_closed = false;
    std::thread m_thread;
};

}  // namespace migrate::cli
