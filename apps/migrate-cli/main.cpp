#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <migrate/error.hpp>
#include <migrate/version_info.hpp>

#include "access_policy.hpp"
#include "command_line.hpp"
#include "error_report.hpp"
#include "interrupt.hpp"
#include "json_render.hpp"
#include "run.hpp"

namespace {

using namespace migrate::cli;  // NOLINT(google-build-using-namespace): this file is the command

int print_plain(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : migrate::exit_code_of(migrate::ErrorCode::io);
}

std::string version_text() {
    const migrate::VersionInfo info = migrate::version_info();
    return fmt::format("migrate-cli {}\nSQLite {}\nlibpq {}\nSOCI {}\n", info.migrate, info.sqlite,
                       info.libpq, info.soci);
}

/// Says how it ended on both channels: a script that asked for JSON gets the error there, too.
int report(const migrate::Error& error, int exit_code, const std::string& command, bool json) {
    std::fputs(error_text(error).c_str(), stderr);
    if (json) {
        std::fputs(json_of(error, exit_code, command).c_str(), stdout);
        std::fflush(stdout);
    }
    return exit_code;
}

int run_command(const std::vector<std::string>& arguments, Interrupt& interrupt) {
    const CommandLine line = parse_command_line(arguments);
    if (line.version) {
        return print_plain(version_text());
    }
    if (line.help) {
        return print_plain(line.command == nullptr ? help_text() : help_text(*line.command));
    }
    Run run(line, interrupt);
    require_access(run);
    return line.command->run(run);
}

/// The error as it is told: what ended at the user's wish says so first. Where nothing had been changed it
/// was as good as refused.
int report(const migrate::Error& error, const Interrupt& interrupt, const std::string& command, bool json) {
    if (error.code() != migrate::ErrorCode::cancelled || !interrupt.requested()) {
        return report(error, migrate::exit_code_of(error.code()), command, json);
    }
    migrate::ErrorFacts facts = error.facts();
    const int exit_code = interrupt.exit_code();
    facts.next_step = exit_code == 3 ? "nothing was changed; run the command again when it suits"
                                     : "`migrate-cli status` says how far it came";
    return report(migrate::Error(facts, fmt::format("interrupted: {}", error.what())), exit_code, command,
                  json);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + std::max(argc, 1));
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    const std::string command =
        !arguments.empty() && find_command(arguments.front()) != nullptr ? arguments.front() : "";
    Interrupt interrupt;
    try {
        return run_command(arguments, interrupt);
    } catch (const migrate::Error& error) {
        return report(error, interrupt, command, json);
    } catch (const std::bad_alloc&) {
        const migrate::Error error(migrate::ErrorCode::resource, "out of memory");
        return report(error, migrate::exit_code_of(error.code()), command, json);
    } catch (const std::exception& error) {
        migrate::ErrorFacts facts;
        facts.next_step = "this is a bug in migrate-cli: please report it with the command that was given";
        return report(migrate::Error(facts, fmt::format("internal error: {}", error.what())), 1, command,
                      json);
    }
}
