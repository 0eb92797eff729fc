#pragma once

#include <migrate/schema.hpp>

namespace migrate::verify {

/// Between two databases whose values have types of their own: columns that are declared alike, but whose
/// values read as different types on the two sides, are compared value by value as they are stored. Elsewhere
/// the types agree, and a reading gives back the values it was made of, or the declarations say that the
/// values were to change.
void compare_as_stored(Schema& a, Schema& b);

}  // namespace migrate::verify
