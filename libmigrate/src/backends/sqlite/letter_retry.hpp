#pragma once

#include <memory>
#include <string>

#include "backend/target.hpp"

namespace migrate::backends::sqlite {

/// Begins a transaction in the target's file. Throws: Error{locked} where another program writes to it.
std::unique_ptr<backend::LetterRetry> make_letter_retry(const std::string& path,
                                                        const backend::TargetPlan& plan,
                                                        unsigned busy_timeout_ms);

}  // namespace migrate::backends::sqlite
