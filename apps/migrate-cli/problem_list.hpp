#pragma once

#include <string>
#include <vector>

#include <migrate/error.hpp>

namespace migrate::cli {

/// What is wrong in one file, told all at once.
class ProblemList {
  public:
    /// Runs one part; a usage error in it is kept, and the next part can be looked at.
    template <class Body>
    void attempt(Body body) {
        try {
            body();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::usage) {
                throw;
            }
            m_problems.push_back({error.what(), error.facts().next_step});
        }
    }

    /// Throws: Error{usage} with every problem, one a line; of several each says its own way on.
    void raise(const std::string& next_step) const;

  private:
    struct Problem {
        std::string message;
        std::string next_step;
    };
    std::vector<Problem> m_problems;
};

}  // namespace migrate::cli
