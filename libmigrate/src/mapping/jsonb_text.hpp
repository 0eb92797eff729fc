#pragma once

#include <string>
#include <string_view>

namespace migrate::mapping {

/// Appends a JSON text as PostgreSQL prints its jsonb: members by the length of their names, then by their
/// bytes; numbers without exponents, with their scale; one blank after "," and
/// ":". False, and `out` unspecified behind its former end, for what jsonb cannot hold: what is no JSON, two
/// members of one name, a \u0000, a lone surrogate, a number past numeric's limits, more than 256 levels.
/// Pure.
bool append_jsonb_text(std::string_view json, std::string& out);

/// Whether two members of one name are what jsonb cannot hold of it.
bool repeats_member(std::string_view json);

}  // namespace migrate::mapping
