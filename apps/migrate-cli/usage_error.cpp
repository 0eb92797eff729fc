#include "usage_error.hpp"

#include <migrate/error.hpp>

namespace migrate::cli {

void usage_error(const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.next_step = next_step;
    throw Error(facts, message);
}

}  // namespace migrate::cli
