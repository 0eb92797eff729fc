#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <migrate/endpoint.hpp>
#include <migrate/finding.hpp>

namespace migrate::backend {

/// A place of an engine's own where something can be tried out: empty at first, seen by nobody else, and gone
/// with all that is in it when this is destroyed. What a killed program of the same user has left of one is
/// dropped when the next is made.
class Scratch {
  public:
    virtual ~Scratch() = default;
    /// To open it by, as often as needed; everything that has opened it is closed before it is destroyed.
    [[nodiscard]] virtual const Endpoint& endpoint() const = 0;
    /// What it is, for people: "a database of its own on the target's server".
    [[nodiscard]] virtual std::string description() const = 0;
    /// That opens it, where the place that it is like was opened with one. A secret.
    [[nodiscard]] virtual std::optional<std::string> password() const { return std::nullopt; }
    /// What of the place that it stands for it does not have: Severity::left_out.
    [[nodiscard]] virtual std::vector<Finding> missing() const { return {}; }
    /// Drops it now. Throws: Error where that cannot be done; the destructor says nothing. Idempotent.
    virtual void drop() = 0;
};

}  // namespace migrate::backend
