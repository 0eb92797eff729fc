#pragma once

#include <string>
#include <vector>

#include "property/database_case.hpp"
#include "support/leg.hpp"

namespace migrate::property {

/// What a trip showed.
struct Verdict {
    /// What must not be: a crash's message, a difference that no finding names, an outcome that is none of
    /// "verified equal", "equal, with what was left out named" and "refused before anything was written".
    std::vector<std::string> faults;
    bool refused = false;
    std::size_t left_out = 0;  ///< Findings.
};

/// There and back: from the case's engine to `through`, and to the case's engine again. `through` is
/// "sqlite", "postgresql" or "json".
Verdict round_trip(const DatabaseCase& what, const std::string& engine, const std::string& through);

/// Documents to `through`, compared with the same documents in SQLite, and from there to SQLite too.
Verdict document_trip(const DocumentCase& what, const std::string& through);

using test::Leg;

/// Differences that no finding of the legs names.
std::vector<std::string> unexplained(const std::vector<std::string>& differences,
                                     const std::vector<const Leg*>& legs);

}  // namespace migrate::property
