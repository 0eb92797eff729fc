#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::cli {

class Run;

/// One command: what it takes, what it is for, and what it does.
struct Command {
    std::string_view name;
    std::string_view arguments;  ///< As in its usage line; empty if none.
    std::size_t most_arguments = 0;
    std::string_view summary;
    std::string_view details;
    std::vector<std::string_view> options;  ///< Beside those that every command has.
    std::vector<std::string_view> examples;
    int (*run)(Run&) = nullptr;  ///< Returns the exit code.
};

/// Every command that is offered, in the order of help.
std::span<const Command> all_commands();
/// Null if there is none of that name.
const Command* find_command(std::string_view name);
/// The names of its options, with those that every command has.
std::vector<std::string> option_names(const Command& command);

/// The texts of --help.
std::string help_text();
std::string help_text(const Command& command);

int run_migrate(Run& run);
int run_verify(Run& run);
int run_diff(Run& run);
int run_check(Run& run);
int run_status(Run& run);
int run_history(Run& run);
int run_resume(Run& run);
int run_cutover(Run& run);
int run_finalize(Run& run);
int run_rollback(Run& run);
int run_abandon(Run& run);
int run_dead_letters(Run& run);
int run_audit(Run& run);
int run_backup(Run& run);
int run_report(Run& run);
int run_config(Run& run);

}  // namespace migrate::cli
