#include "progress.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "event_json.hpp"

namespace migrate::cli {

namespace {

constexpr std::chrono::milliseconds k_redraw{100};
constexpr std::chrono::seconds k_line_interval{3};
constexpr std::size_t k_most_lines = 9;

struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

/// Asked at each drawing: a window may be resized at any time.
Size terminal_size() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        return {size.ws_col, size.ws_row};
    }
    return {};
}

void write_error(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

Progress::Mode Progress::suitable(bool quiet, std::string_view asked) {
    if (quiet || asked == "none") {
        return Mode::none;
    }
    if (asked == "json") {
        return Mode::json;
    }
    if (asked == "lines" || asked == "live") {
        return asked == "live" ? Mode::live : Mode::lines;
    }
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return ::isatty(STDERR_FILENO) == 1 && !dumb ? Mode::live : Mode::lines;
}

Progress::Progress(Mode mode) : m_mode(mode) {
    if (m_mode == Mode::lines || m_mode == Mode::live) {
        m_thread = std::thread([this] { tick(); });
    }
}

Progress::~Progress() {
    close();
}

void Progress::observe(const MigrationEvent& event) {
    const std::scoped_lock lock(m_mutex);
    if (m_mode == Mode::json && !m_closed) {
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(event.time - m_start);
        write_error(json_line(event, elapsed));
        return;
    }
    m_model.observe(event, ProgressModel::Clock::now());
}

void Progress::print(std::string_view text) {
    const std::scoped_lock lock(m_mutex);
    erase();
    write_error(text);
}

void Progress::close() {
    {
        const std::scoped_lock lock(m_mutex);
        m_closed = true;
        erase();
    }
    m_wake.notify_all();
    if (m_thread.joinable() && m_thread.get_id() != std::this_thread::get_id()) {
        m_thread.join();
    }
}

void Progress::tick() {
    const auto interval = m_mode == Mode::live ? k_redraw : std::chrono::milliseconds(k_line_interval);
    std::unique_lock lock(m_mutex);
    while (!m_wake.wait_for(lock, interval, [this] { return m_closed; })) {
        if (!m_model.running()) {
            erase();
        } else if (m_mode == Mode::live) {
            draw();
        } else {
            write_error(m_model.line(ProgressModel::Clock::now()) + "\n");
        }
    }
}

/// Over the old lines and not after erasing them, which would flicker.
void Progress::draw() {
    const Size size = terminal_size();
    const std::size_t height = std::min(size.rows > 2 ? size.rows - 2 : 1, k_most_lines);
    const auto lines = m_model.display(size.columns - 1, height, ProgressModel::Clock::now());
    std::string out = m_drawn > 0 ? fmt::format("\x1b[{}A", m_drawn) : std::string();
    for (const std::string& line : lines) {
        out += "\r" + line + "\x1b[K\n";
    }
    out += "\x1b[J";
    write_error(out);
    m_drawn = lines.size();
}

void Progress::erase() {
    if (m_drawn > 0) {
        write_error(fmt::format("\x1b[{}A\r\x1b[J", m_drawn));
        m_drawn = 0;
    }
}

}  // namespace migrate::cli
