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

struct ElementProfile;

/// The members that objects of one place had, in the order in which they first occurred. Where there are more
/// than can be columns, the keys are data: those that most objects have stay fields, the values of all others
/// are profiled together as entries. A key is one or the other for all its occurrences.
struct FieldSet {
    std::vector<std::unique_ptr<Field>> fields;
    std::unordered_map<std::string_view, std::size_t> by_key;  // views of the fields' keys
    std::uint64_t objects = 0;
    bool are_rows = true;  // each object is a row: a record or an element, not a member of one
    std::unique_ptr<ElementProfile> entries;  // once there were too many keys
    std::size_t longest_entry_key = 0;        // bytes
    bool entry_key_has_nul = false;

    FieldSet();
    FieldSet(FieldSet&&) noexcept;
    FieldSet& operator=(FieldSet&&) noexcept;
    ~FieldSet();

    bool is_empty() const { return fields.empty() && !entries; }
    /// For each field its place in an order that most objects follow: a key that is new stands behind the one
    /// that came before it.
    std::vector<std::size_t> places;
    bool is_out_of_order = false;  // some object did not follow it

    static constexpr std::size_t k_none = static_cast<std::size_t>(-1);
    /// The field of a key, made where there is none yet, whose predecessor in the object is `previous`
    /// (k_none for the first); k_none where the key's values are entries.
    std::size_t index_of(std::string_view key, std::size_t expected, std::size_t previous);
    void note_entry_key(std::string_view key);
};

/// Which kinds of value stood at one place.
struct ValueCounts {
    std::uint64_t objects = 0;
    std::uint64_t arrays = 0;
    std::uint64_t nulls = 0;
    std::uint64_t scalars = 0;
    bool has_duplicate_keys = false;
    ScalarProfile scalar;

    void add(const ValueCounts& other);
};

/// What the elements of arrays of one place, or the entries of objects, held.
struct ElementProfile : ValueCounts {
    FieldSet members;

    std::uint64_t count() const { return objects + arrays + nulls + scalars; }
};

/// One member of the objects of a place: which kinds of value it had, and everything inside.
struct Field : ValueCounts {
    std::string key;
    std::uint64_t empties = 0;          ///< Of the objects and arrays, those with nothing inside.
    std::uint64_t hollow = 0;           ///< Of the objects, those with members but without a value in them.
    std::unique_ptr<FieldSet> members;  // once an object was seen
    std::unique_ptr<ElementProfile> elements;  // once an array was seen
};

/// What profiling may take, and has taken.
struct ProfileLimits {
    /// Columns that members may give a table.
    std::size_t max_columns = 400;
    /// Levels of objects and arrays below a record that are looked into.
    std::size_t max_nesting = 8;
    /// Fields that were made so far in all sets together.
    std::size_t fields = 0;
};

/// Fields that one set may have before it is folded, by how many there are in all sets together.
std::size_t most_fields(const ProfileLimits& limits);

/// Adds the members of an object to what is known of its place. Memory: bounded by the limits, not by the
/// number of objects. Calls itself once a level, at most max_nesting deep. False where nothing in the object
/// is a value: members that are null, or hold nothing but such.
bool profile_members(const Document& document, Document::Index object, std::size_t nesting,
                     ProfileLimits& limits, FieldSet& fields);

/// To be called once when all objects are profiled: no set has more fields than columns are allowed
/// afterwards.
void settle(FieldSet& fields, ProfileLimits& limits);

/// Makes all members of a place entries, but of rows those that more than half of them have, and of these no
/// more than columns are allowed.
void fold(FieldSet& fields, ProfileLimits& limits);

}  // namespace migrate::backends::json
