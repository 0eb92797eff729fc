#include "problem_list.hpp"

#include "usage_error.hpp"

namespace migrate::cli {

void ProblemList::raise(const std::string& next_step) const {
    if (m_problems.empty()) {
        return;
    }
    if (m_problems.size() == 1) {
        usage_error(m_problems.front().message, m_problems.front().next_step);
    }
    std::string text;
    for (const Problem& problem : m_problems) {
        const bool own = !problem.next_step.empty() && problem.next_step != next_step;
        text += (text.empty() ? "" : "\n") + problem.message + (own ? "; " + problem.next_step : "");
    }
    usage_error(text, next_step);
}

}  // namespace migrate::cli
