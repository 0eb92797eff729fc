#pragma once

#include <memory>
#include <string>
#include <vector>

#include <spdlog/logger.h>

#include <migrate/migrator.hpp>

#include "command_line.hpp"
#include "configuration.hpp"
#include "endpoint_book.hpp"
#include "interrupt.hpp"
#include "logging.hpp"
#include "progress.hpp"
#include "settings.hpp"

namespace migrate::cli {

/// What a command works with: its settings, the endpoints, and the ways to say something. One per process.
class Run {
  public:
    Run(const CommandLine& line, Interrupt& interrupt);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    [[nodiscard]] const Settings& settings() const noexcept { return m_settings; }
    [[nodiscard]] const Configuration& configuration() const noexcept { return m_configuration; }
    [[nodiscard]] const std::vector<std::string>& arguments() const noexcept { return m_line.arguments; }
    [[nodiscard]] std::string command() const { return std::string(m_line.command->name); }
    [[nodiscard]] bool json() const { return m_settings.flag("json"); }
    EndpointBook& endpoints() { return *m_endpoints; }
    Interrupt& interrupt() { return m_interrupt; }

    /// The one argument that is required. Throws: Error{usage}.
    [[nodiscard]] std::string argument(const std::string& what) const;

    /// A migrator for a command that writes nothing anywhere, the index of migrations included.
    CrossDatabaseMigrator reading_migrator();
    /// A migrator that reads and keeps the index of migrations and the audit trail. `executes`: what it plans
    /// is executed at once.
    CrossDatabaseMigrator indexed_migrator(bool executes = false);

    /// Standard output, whole documents; takes the progress display away first.
    /// Throws: Error{io, resource} where it cannot be written.
    void print(const std::string& text);
    /// Standard error, one line; not where quiet.
    void note(const std::string& text);
    /// Standard error, as it is.
    void complain(const std::string& text) { m_progress.print(text); }
    void close_progress() { m_progress.close(); }

  private:
    void acknowledge(Interrupt::Request request);
    MigratorConfig migrator_config();

    const CommandLine& m_line;
    Interrupt& m_interrupt;
    Configuration m_configuration;
    Settings m_settings;
    std::shared_ptr<EndpointBook> m_endpoints;
    Progress m_progress;
    std::shared_ptr<spdlog::logger> m_logger;
};

}  // namespace migrate::cli
