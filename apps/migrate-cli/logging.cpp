#include "logging.hpp"

#include <mutex>

#include <fmt/format.h>
#include <spdlog/common.h>
#include <spdlog/sinks/base_sink.h>

#include "printable.hpp"
#include "progress.hpp"

namespace migrate::cli {

namespace {

class ProgressSink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit ProgressSink(Progress& progress) : m_progress(progress) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        m_progress.print(std::string_view(line.data(), line.size()));
    }
    void flush_() override {}

  private:
    Progress& m_progress;
};

std::string about(const MigrationEvent& event) {
    std::string out(to_string(event.phase));
    if (!event.table.empty()) {
        out += " " + printable(event.table);
    }
    return event.message.empty() ? out : out + ": " + printable(event.message);
}

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(Progress& progress, const std::string& level) {
    auto logger = std::make_shared<spdlog::logger>("migrate", std::make_shared<ProgressSink>(progress));
    logger->set_level(spdlog::level::from_str(level));
    logger->set_pattern("%H:%M:%S.%e %l: %v");
    return logger;
}

void log_event(spdlog::logger& logger, const MigrationEvent& event) {
    switch (event.kind) {
        case EventKind::phase_started:
            logger.info(about(event) + (event.message.empty() ? " begins" : ""));
            break;
        case EventKind::phase_finished:
            logger.info(about(event) + (event.message.empty() ? " is done" : ""));
            break;
        case EventKind::going_on:
            logger.info(about(event));
            break;
        case EventKind::finding:
        case EventKind::retry:
        case EventKind::paused:
            logger.warn(about(event));
            break;
        case EventKind::progress:
            logger.debug(fmt::format("{}: {} of {}", about(event), event.done, event.total));
            break;
    }
}

}  // namespace migrate::cli
