#pragma once

#include <vector>

#include <migrate/schema.hpp>
#include <migrate/verification.hpp>

namespace migrate::verify {

/// Two schemas in the terms of one engine.
struct SchemaPair {
    const Schema& expected;                  ///< What a migration would make.
    const Schema& found;                     ///< What is there.
    std::vector<const Table*> counterparts;  ///< Per table of `expected` the one found; nullptr = none.
    /// Both spell the same expression alike, because nothing was translated or renamed. Otherwise it is only
    /// looked whether there is one: engines print what they are given in forms of their own.
    bool same_spelling = false;
    bool whole =
        true;  ///< False: tables, objects and foreign keys that only the target has were not asked for.
    bool objects = true;  ///< False: views, types, functions… are not compared.
};

/// Names of constraints and indexes do not count: an index by another name is the same index. Tables without
/// a counterpart are not mentioned.
std::vector<SchemaDifference> schema_differences(const SchemaPair& pair);

}  // namespace migrate::verify
