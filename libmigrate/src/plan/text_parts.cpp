#include "plan/text_parts.hpp"

#include <algorithm>

#include "util/human.hpp"
#include "util/printable.hpp"

namespace migrate::plan {
namespace {

/// Code points, which is near enough to columns for aligning.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

}  // namespace

void TextTable::add(std::vector<std::string> cells) {
    for (std::string& cell : cells) {
        cell = util::printable(cell);
    }
    m_rows.push_back(std::move(cells));
}

std::string TextTable::render() const {
    std::vector<std::size_t> widths(m_right.size(), 0);
    for (const auto& row : m_rows) {
        for (std::size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], width_of(row[c]));
        }
    }
    std::string out;
    for (const auto& row : m_rows) {
        std::string line = "  ";
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string pad(widths[c] - width_of(row[c]), ' ');
            line += m_right[c] ? pad + row[c] : row[c] + pad;
            line += c + 1 < row.size() ? "  " : "";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

std::string render_findings(const std::string& heading, const std::vector<Finding>& findings,
                            Severity severity) {
    std::string out;
    for (const Finding& finding : findings) {
        if (finding.severity != severity) {
            continue;
        }
        out += "  " + util::printable(finding.object) + ": " + util::printable(finding.message);
        if (!finding.next_step.empty()) {
            out += "\n      next: " + util::printable(finding.next_step);
        }
        out += '\n';
    }
    return out.empty() ? out : heading + '\n' + out;
}

}  // namespace migrate::plan
