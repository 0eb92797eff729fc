#pragma once

#include <string>
#include <string_view>

namespace migrate::model {

/// SQL as PostgreSQL prints it, with the casts of array constructors at their elements: (ARRAY[a, b])::text[]
/// becomes ARRAY[(a)::text, (b)::text]. The server reads the first as the second, so that a definition which
/// was made of another's text is printed in another way though it is the same. All else stays as it is.
std::string settle_array_casts(std::string_view sql);

}  // namespace migrate::model
