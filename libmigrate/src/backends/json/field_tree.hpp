#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backends/json/document.hpp"
#include "backends/json/scalar_profile.hpp"

namespace migrate::backends::json {

struct Field;

/// The members that objects of one place had, in the order in which they first occurred.
struct FieldSet {
    std::vector<std::unique_ptr<Field>> fields;
    std::unordered_map<std::string_view, std::size_t> by_key;  // views of the fields' keys
    bool is_too_wide = false;  // more keys than columns are allowed: data, not names
    std::uint64_t objects = 0;
    /// For each field its place in an order that most objects follow: a key that is new stands behind the one
    /// that came before it.
    std::vector<std::size_t> places;
    bool is_out_of_order = false;  // some object did not follow it

    /// The field of a key whose predecessor in the object is `previous`; k_none for the first.
    std::size_t index_of(std::string_view key, std::size_t expected, std::size_t previous);
    static constexpr std::size_t k_none = static_cast<std::size_t>(-1);
    /// Gives the memory back; nothing is looked for in here any more.
    void fold();
};

/// What arrays of one place held.
struct ElementProfile {
    std::uint64_t objects = 0;
    std::uint64_t arrays = 0;
    std::uint64_t nulls = 0;
    std::uint64_t scalars = 0;
    bool has_duplicate_keys = false;
    ScalarProfile scalar;
    FieldSet members;
};

/// One member of the objects of a place: which kinds of value it had, and everything inside.
struct Field {
    std::string key;
    std::uint64_t objects = 0;
    std::uint64_t arrays = 0;
    std::uint64_t nulls = 0;
    std::uint64_t scalars = 0;
    std::uint64_t empties = 0;  ///< Of the objects and arrays, those with nothing inside.
    std::uint64_t hollow = 0;   ///< Of the objects, those with members but without a value in them.
    bool has_duplicate_keys = false;
    ScalarProfile scalar;
    std::unique_ptr<FieldSet> members;         // once an object was seen
    std::unique_ptr<ElementProfile> elements;  // once an array was seen
};

struct ProfileLimits {
    std::size_t max_columns = 400;
    /// Levels of objects and arrays below a record that are looked into.
    std::size_t max_nesting = 8;
};

/// Adds the members of an object to what is known of its place. Memory: bounded by the limits, not by the
/// number of objects. Calls itself once a level, at most max_nesting deep. False where nothing in the object
/// is a value: members that are null, or hold nothing but such.
bool profile_members(const Document& document, Document::Index object, std::size_t nesting,
                     const ProfileLimits& limits, FieldSet& fields);

}  // namespace migrate::backends::json
