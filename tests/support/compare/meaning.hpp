#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/compare/database_reader.hpp"

/// What values mean, so that different engines' spellings of one value become the same text.
namespace migrate::test {

/// How a column's values are to be understood where the type alone does not say.
struct Reading {
    /// What numbers in a column of dates count.
    enum class Unit : std::uint8_t { seconds, milliseconds, microseconds, julian_days };
    Unit unit = Unit::seconds;
    bool keep_scale = false;  ///< 10.10 is not 10.1.
    bool variants = false;    ///< A json column holds SQLite's values of mixed storage classes.
};

/// `type` is PostgreSQL's internal name of a type, or "variant". NULL gives a text that no value gives.
std::string meaning(const Value& value, const std::string& type, const Reading& reading);

/// The reading under which both columns mean the same, if one does.
Reading choose_reading(const std::vector<Value>& left, const std::vector<Value>& right,
                       const std::string& type);

// Parts of meaning, each in a file of its own.
std::string number_meaning(const std::string& text);
std::string moment_meaning(const Value& value, bool is_date, Reading::Unit unit);
std::string clock_meaning(const std::string& text);
std::string array_meaning(const Value& value, bool booleans);
std::string json_meaning(const Value& value);
/// JSON text with each number as a string that begins with k_number_mark: RapidJSON refuses numbers beyond a
/// double's range even where it is to keep them as text.
inline constexpr std::string_view k_number_mark = "\x7f#number:";
std::string with_marked_numbers(std::string_view json);
std::string decode_base64(const std::string& text);
/// Takes the tool's wrappers ({"$bytes":…}, {"$json":…}, …) off a JSON value.
Value unwrap(const Value& value);
/// The value of a storage class that a json text of PostgreSQL stands for.
Value variant_of_json(const Value& value);

}  // namespace migrate::test
