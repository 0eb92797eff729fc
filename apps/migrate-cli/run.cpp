#include "run.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "plan_settings.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

Configuration configuration_of(const CommandLine& line) {
    std::optional<std::string> asked;
    if (const auto given = line.options.find("config"); given != line.options.end()) {
        asked = given->second.back();
    }
    return read_configuration(find_configuration(asked));
}

std::string log_level(const Settings& settings) {
    if (settings.flag("quiet")) {
        return "off";
    }
    const bool verbose = settings.flag("verbose") && !settings.on_command_line("log-level");
    return verbose ? "info" : settings.text("log-level");
}

/// From this phase on the target, or a backup, may have been written.
bool may_have_changed(Phase phase) {
    return phase >= Phase::backup;
}

}  // namespace

Run::Run(const CommandLine& line, Interrupt& interrupt)
    : m_line(line),
      m_interrupt(interrupt),
      m_configuration(configuration_of(line)),
      m_settings(line, m_configuration),
      m_endpoints(std::make_shared<EndpointBook>(m_settings, m_configuration)),
      m_progress(Progress::suitable(m_settings.flag("quiet"), m_settings.text("progress"))),
      m_logger(make_logger(m_progress, log_level(m_settings))) {
    m_interrupt.on_request([this](Interrupt::Request request) { acknowledge(request); });
}

Run::~Run() {
    m_interrupt.on_request({});
}

void Run::acknowledge(Interrupt::Request request) {
    switch (request) {
        case Interrupt::Request::stop:
            m_progress.print(
                "migrate-cli: interrupted; ending at the next safe point (once more: at once)\n");
            break;
        case Interrupt::Request::pause:
            note(fmt::format(
                "migrate-cli: pausing once what is under way is finished; kill -USR2 {} lets it go on",
                ::getpid()));
            break;
        case Interrupt::Request::go_on:
            note("migrate-cli: going on");
            break;
    }
}

std::string Run::argument(const std::string& what) const {
    if (m_line.arguments.empty()) {
        usage_error(fmt::format("{} needs {}", m_line.command->name, what),
                    fmt::format("usage: migrate-cli {} {}", m_line.command->name, m_line.command->arguments));
    }
    return m_line.arguments.front();
}

MigratorConfig Run::migrator_config() {
    MigratorConfig config;
    config.credentials = m_endpoints;
    config.stop = m_interrupt.token();
    config.pause = m_interrupt.pause_control();
    config.limits = run_limits(m_settings);
    config.application_name = "migrate-cli";
    config.observer = [this](const MigrationEvent& event) {
        if (!event.migration.empty() && may_have_changed(event.phase)) {
            m_interrupt.changes_begin();
        }
        log_event(*m_logger, event);
        m_progress.observe(event);
    };
    return config;
}

CrossDatabaseMigrator Run::reading_migrator() {
    return CrossDatabaseMigrator(migrator_config());
}

CrossDatabaseMigrator Run::indexed_migrator(bool executes) {
    MigratorConfig config = migrator_config();
    config.state_path = state_path(m_settings);
    config.audit_path = audit_path(m_settings);
    config.audit_key = audit_key(m_settings);
    config.audit_plans = executes;
    return CrossDatabaseMigrator(std::move(config));
}

void Run::print(const std::string& text) {
    m_progress.close();
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    // A reader that has seen enough, such as head, is no failure.
    if (!written && errno != EPIPE) {
        ErrorFacts facts;
        facts.native_code = errno;
        facts.code = errno == ENOSPC ? ErrorCode::resource : ErrorCode::io;
        throw Error(facts, fmt::format("cannot write to standard output: {}", std::strerror(errno)));
    }
}

void Run::note(const std::string& text) {
    if (!m_settings.flag("quiet")) {
        m_progress.print(text + "\n");
    }
}

}  // namespace migrate::cli
