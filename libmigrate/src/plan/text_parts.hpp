#pragma once

#include <string>
#include <vector>

#include <migrate/finding.hpp>

namespace migrate::plan {

/// Columns of text, left-aligned but for those asked to be right-aligned; lines indented by two blanks.
class TextTable {
  public:
    explicit TextTable(std::vector<bool> right_aligned) : m_right(std::move(right_aligned)) {}
    void add(std::vector<std::string> cells);
    [[nodiscard]] std::string render() const;

  private:
    std::vector<bool> m_right;
    std::vector<std::vector<std::string>> m_rows;
};

/// The findings of these severities under a heading, or nothing. Control characters are escaped.
std::string render_findings(const std::string& heading, const std::vector<Finding>& findings,
                            Severity severity);

}  // namespace migrate::plan
