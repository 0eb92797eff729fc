#include "mapping/mapping_problems.hpp"

#include <algorithm>
#include <tuple>

#include <migrate/error.hpp>

#include "util/printable.hpp"

namespace migrate::mapping {

std::string place_of(const MappingSpec& spec, const SourcePosition& at) {
    std::string out = spec.file.empty() ? "the mapping" : util::printable(spec.file);
    if (at.line > 0) {
        out += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    }
    return out;
}

void MappingProblems::add(const SourcePosition& at, const std::string& message,
                          const std::string& next_step) {
    m_lines.push_back(
        {at, place_of(m_spec, at) + ": " + message + (next_step.empty() ? "" : "; " + next_step)});
}

void MappingProblems::add(const MappingText& text, std::size_t offset, const std::string& message,
                          const std::string& next_step) {
    SourcePosition at = text.at;
    std::string where;
    if (text.plain) {
        at.column += static_cast<std::uint32_t>(offset);
    } else if (offset > 0) {
        where = " (at byte " + std::to_string(offset + 1) + " of the expression)";
    }
    add(at, message + where, next_step);
}

void MappingProblems::raise() const {
    if (m_lines.empty()) {
        return;
    }
    std::vector<Line> lines = m_lines;
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
        return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
    });
    std::string text;
    for (const Line& line : lines) {
        text += (text.empty() ? "" : "\n") + line.text;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.next_step = "mend the mapping";
    throw Error(facts, text);
}

}  // namespace migrate::mapping
