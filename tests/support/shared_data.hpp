#pragma once

#include <optional>
#include <string>

namespace migrate::test {

/// The path of something in the collection of real data that lies beside the project, or nullopt (with a
/// warning in the test's output) where the collection is not there. Read only; copy before opening with an
/// engine.
std::optional<std::string> shared_data(const std::string& relative);

}  // namespace migrate::test
