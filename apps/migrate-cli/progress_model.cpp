#include "progress_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "printable.hpp"

namespace migrate::cli {

namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::chrono::seconds k_rate_window{5};

int percent(std::uint64_t done, std::uint64_t total) {
    // Estimates are passed at times; a display of 103 % helps nobody.
    return static_cast<int>(std::min(1.0, static_cast<double>(done) / static_cast<double>(total)) * 100);
}

std::string bar(std::uint64_t done, std::uint64_t total, std::size_t width) {
    const std::size_t filled = total == 0 ? 0 : static_cast<std::size_t>(percent(done, total)) * width / 100;
    return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]";
}

}  // namespace

void ProgressModel::start_phase(Phase phase, Clock::time_point now) {
    m_phase = phase;
    m_phase_start = now;
    m_tables.clear();
    m_samples.clear();
    m_all_done = 0;
    m_all_total = 0;
    m_message.clear();
}

void ProgressModel::observe(const MigrationEvent& event, Clock::time_point now) {
    if (event.kind == EventKind::phase_started || !m_running || event.phase != m_phase) {
        start_phase(event.phase, now);
    }
    m_running = event.phase != Phase::done;
    if (event.kind == EventKind::paused || event.kind == EventKind::going_on) {
        m_paused = event.kind == EventKind::paused;
    }
    m_end = event.remaining ? std::optional(now + *event.remaining) : std::nullopt;
    if (event.kind == EventKind::phase_started || event.kind == EventKind::progress) {
        m_message = event.message;
    }
    if (event.kind != EventKind::progress) {
        return;
    }
    m_all_done = std::max(m_all_done, event.all_done);
    m_all_total = std::max(m_all_total, event.all_total);
    // Events of parallel chunks may overtake each other: a counter only grows.
    Work& work = m_tables[event.table];
    work.done = std::max(work.done, event.done);
    work.total = std::max(work.total, event.total);
    work.bytes = std::max(work.bytes, event.bytes);
    work.moved = now;
    m_samples.emplace_back(now, overall().done);
    while (m_samples.size() > 2 && now - m_samples.front().first > k_rate_window) {
        m_samples.pop_front();
    }
}

ProgressModel::Work ProgressModel::overall() const {
    Work all;
    for (const auto& [name, work] : m_tables) {
        all.done += work.done;
        all.total += work.total;
        all.bytes += work.bytes;
    }
    all.done = m_all_done > 0 ? m_all_done : all.done;
    all.total = m_all_total > 0 ? m_all_total : all.total;
    return all;
}

double ProgressModel::rows_per_second(Clock::time_point now) const {
    if (m_samples.empty()) {
        return 0;
    }
    const bool early = m_samples.size() < 2;
    const auto since = early ? m_phase_start : m_samples.front().first;
    const auto rows = m_samples.back().second - (early ? 0 : m_samples.front().second);
    const double seconds = duration<double>(now - since).count();
    return seconds > 0.05 ? static_cast<double>(rows) / seconds : 0;
}

/// To the end of the run where that is foreseen, else to that of the phase; empty where nothing is known.
std::string ProgressModel::time_left(const Work& work, double rate, Clock::time_point now) const {
    if (m_paused) {
        return {};
    }
    if (m_end) {
        // Told with the last event, and counted down from there.
        const auto left = std::max(duration_cast<milliseconds>(*m_end - now), milliseconds(0));
        return fmt::format(", about {} to the end", human_time(left));
    }
    if (rate < 1 || work.total <= work.done || m_phase == Phase::build) {
        return {};
    }
    const double left = static_cast<double>(work.total - work.done) / rate;
    return fmt::format(", {} left", human_time(milliseconds(static_cast<std::int64_t>(left * 1000))));
}

std::string ProgressModel::facts(const Work& work, Clock::time_point now) const {
    const char* unit = m_phase == Phase::build ? "steps" : "rows";
    std::string out;
    if (work.total > 0) {
        out = fmt::format("{} of {} {} ({} %)", human_count(work.done), human_count(work.total), unit,
                          percent(work.done, work.total));
    } else if (work.done > 0) {
        out = fmt::format("{} {}", human_count(work.done), unit);
    } else {
        return human_time(duration_cast<milliseconds>(now - m_phase_start)) + time_left(work, 0, now);
    }
    if (work.bytes > 0) {
        out += ", " + human_bytes(work.bytes);
    }
    const double rate = rows_per_second(now);
    if (rate >= 1 && m_phase != Phase::build && !m_paused) {
        out += fmt::format(", {} rows/s", human_count(static_cast<std::uint64_t>(rate)));
    }
    return out + time_left(work, rate, now);
}

std::string ProgressModel::line(Clock::time_point now) const {
    std::string out =
        fmt::format("{}{}: {}", to_string(m_phase), m_paused ? ", paused" : "", facts(overall(), now));
    const auto latest = std::max_element(m_tables.begin(), m_tables.end(), [](const auto& a, const auto& b) {
        return a.second.moved < b.second.moved;
    });
    if (latest != m_tables.end() && !latest->first.empty()) {
        out += fmt::format("; now {}", printable(latest->first));
    } else if (!m_message.empty()) {
        out += fmt::format("; {}", printable(m_message));
    }
    return out;
}

std::string ProgressModel::table_line(const std::string& name, const Work& work, std::size_t width) const {
    constexpr std::size_t k_bar = 20;
    const std::string counts = work.total > 0
                                   ? fmt::format("{} / {}", human_count(work.done), human_count(work.total))
                                   : human_count(work.done);
    const std::size_t fixed = 2 + 1 + (k_bar + 2) + 1 + counts.size();
    if (width <= fixed + 8) {  // too narrow for a bar
        return fit(fmt::format("  {} {}", printable(name), counts), width);
    }
    const std::size_t name_width = std::min<std::size_t>(32, width - fixed);
    return fmt::format("  {} {} {}", pad_right(fit(printable(name), name_width), name_width),
                       bar(work.done, work.total, k_bar), counts);
}

std::vector<std::string> ProgressModel::display(std::size_t width, std::size_t height,
                                                Clock::time_point now) const {
    std::vector<std::string> lines;
    if (height == 0 || width < 10) {
        return lines;
    }
    const Work all = overall();
    std::string head = fmt::format("{:<9} ", to_string(m_phase));
    if (all.total > 0 && width >= 60) {
        head += bar(all.done, all.total, 20) + " ";
    }
    head += (m_paused ? "paused, " : "") + facts(all, now);
    if (m_tables.empty() && !m_message.empty()) {
        head += "  " + printable(m_message);
    }
    lines.push_back(fit(head, width));
    // Those that moved last and are not at their end, in a steady order.
    std::vector<std::pair<Clock::time_point, std::string>> active;
    for (const auto& [name, work] : m_tables) {
        if (!name.empty() && (work.total == 0 || work.done < work.total)) {
            active.emplace_back(work.moved, name);
        }
    }
    std::sort(active.rbegin(), active.rend());
    active.resize(std::min(active.size(), height - 1));
    std::sort(active.begin(), active.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const auto& [moved, name] : active) {
        lines.push_back(table_line(name, m_tables.at(name), width));
    }
    return lines;
}

}  // namespace migrate::cli
