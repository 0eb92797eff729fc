#pragma once

#include <memory>
#include <string>

#include "backend/target.hpp"
#include "backends/json/layout.hpp"
#include "backends/json/value_codec.hpp"

namespace migrate::backends::json {

/// Makes the database at the path anew beside it, with the rows that go in, and shows it in one step.
/// Requires: its lock, layout `tables` or `file`. Throws: Error{not_found} where what is at the path does not
/// know the migration, Error{refused} where a later one would take the rows away with its rollback, or
/// something that is no file would have to be carried over.
std::unique_ptr<backend::LetterRetry> make_letter_retry(const std::string& path, Layout layout,
                                                        const backend::TargetPlan& plan,
                                                        const EncodeOptions& options);

}  // namespace migrate::backends::json
