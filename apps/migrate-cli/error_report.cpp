#include "error_report.hpp"

#include <vector>

#include <fmt/format.h>

#include "printable.hpp"

namespace migrate::cli {

namespace {

/// Text of several lines, those after the first indented: no line of it can pass for one of ours.
std::string indented(const std::string& text) {
    std::string out;
    for (const char c : printable_lines(text)) {
        out += c;
        if (c == '\n') {
            out += "  ";
        }
    }
    out.erase(out.find_last_not_of(" \n") + 1);
    return out;
}

/// Facts that the message does not already name.
std::string place_of(const Error& error) {
    const ErrorFacts& facts = error.facts();
    const std::string message = error.what();
    std::vector<std::string> parts;
    const auto add = [&](const char* what, const std::string& name) {
        if (!name.empty() && message.find(name) == std::string::npos) {
            parts.push_back(fmt::format("{} {}", what, printable(name)));
        }
    };
    add("table", facts.table);
    add("column", facts.column);
    if (facts.row && message.find(std::to_string(*facts.row + 1)) == std::string::npos) {
        parts.push_back(fmt::format("row {}", *facts.row + 1));
    }
    add("SQLSTATE", facts.sqlstate);
    if (facts.native_code != 0 && facts.sqlstate.empty() && !facts.backend.empty()) {
        parts.push_back(fmt::format("{} code {}", facts.backend, facts.native_code));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string error_text(const Error& error) {
    const std::string place = place_of(error);
    std::string out = fmt::format("migrate-cli: {}\n", indented(error.what()));
    if (!place.empty()) {
        out += fmt::format("  {}\n", place);
    }
    if (!error.facts().next_step.empty()) {
        out += fmt::format("  next: {}\n", indented(error.facts().next_step));
    }
    return out;
}

std::string error_text(const std::string& what, const std::string& next_step) {
    const std::string next = next_step.empty() ? "" : fmt::format("  next: {}\n", indented(next_step));
    return fmt::format("migrate-cli: {}\n{}", indented(what), next);
}

}  // namespace migrate::cli
