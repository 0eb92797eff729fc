#pragma once

#include "backend/target.hpp"

namespace migrate::backends::json {

/// A schema said in JSON's terms: every logical type has a spelling, so types stay; keys, references and
/// indexes are recorded in the manifest and enforced by nobody; expressions stay with provenance; code is
/// left out by name.
backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options);

}  // namespace migrate::backends::json
