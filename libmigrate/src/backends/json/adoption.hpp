#pragma once

#include "backend/target.hpp"

namespace migrate::backends::json {

/// A schema said in JSON's terms: every logical type has a spelling, so types stay; keys, references and
/// indexes are recorded in the manifest and enforced by nobody; expressions stay with provenance. So does
/// code where options.with_code asks for it and there is a manifest, for the way back; else it is left out by
/// name.
backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options, bool has_manifest = true);

}  // namespace migrate::backends::json
