#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/sqlite_storage.hpp"

namespace migrate::backends::sqlite {

using model::Affinity;
using model::affinity_of;

/// A declared type taken apart. Any text is one.
struct DeclaredType {
    std::string name;  ///< Without arguments: upper case, single spaces ("UNSIGNED BIG INT"); empty if none.
    std::optional<std::int64_t> first_argument;   ///< Length or precision.
    std::optional<std::int64_t> second_argument;  ///< Scale.
    Affinity affinity = Affinity::blob;
};

[[nodiscard]] DeclaredType read_type_name(std::string_view declared, bool strict = false);

}  // namespace migrate::backends::sqlite
