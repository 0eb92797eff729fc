#pragma once

#include <string>

#include <migrate/logical_type.hpp>

namespace migrate::backends::sqlite {

/// The type that a column is declared with to hold values of a logical type in its default format: one whose
/// affinity changes none of them.
std::string declared_type_for(const LogicalType& type);

/// How values are kept that this engine has no type for, where a reader would not guess it from the declared
/// type.
std::string spelled_as(TypeKind kind);

}  // namespace migrate::backends::sqlite
