#pragma once

#include <cstdint>
#include <string>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backends/json/document.hpp"

namespace migrate::backends::json {

/// What a scalar of JSON is read as: a type and, where a type has several spellings, the one that all values
/// have. Formats: "iso:T3Z" (separator, fraction digits, zone) for timestamps, "upper" for UUIDs in capitals;
/// else empty.
struct Reading {
    LogicalType type;
    std::string format;
};

/// Everything that the values of one place in many documents have in common, so that the narrowest type can
/// be told that holds all of them and gives each back as it was spelled.
class ScalarProfile {
  public:
    /// A string, number, true, false or null.
    void add(const Document& document, Document::Index node);
    /// As if every value of the other had been added here.
    void add(const ScalarProfile& other);

    bool has_values() const { return m_booleans + m_numbers + m_strings != 0; }
    /// Bytes of the longest string.
    std::uint64_t longest_bytes() const { return m_longest_bytes; }
    /// Numbers spelled -0 or so: not every engine's floats hold them.
    std::uint64_t negative_zeros() const { return m_negative_zeros; }
    /// Values of more than one kind, or spelled so that no plain type gives them back: Json.
    Reading reading() const;
    /// Why a reading is Json though all values are scalars of one kind; empty otherwise.
    std::string why() const;

  private:
    void add_number(std::string_view text);
    void add_string(std::string_view text);

    std::uint64_t m_booleans = 0;
    std::uint64_t m_numbers = 0;
    std::uint64_t m_strings = 0;
    std::uint64_t m_longest_bytes = 0;
    std::uint64_t m_negative_zeros = 0;
    bool m_all_int64 = true;
    bool m_all_integers = true;
    bool m_all_float64 = true;  // each number is what its double is written as
    bool m_all_decimal = true;  // each number is plain digits, no exponent, no negative zero
    bool m_has_nul = false;
    bool m_all_dates = true;
    bool m_all_uuids = true;
    bool m_all_timestamps = true;
    std::string m_timestamp_format;
    std::string m_uuid_format;
    std::string m_scratch;
};

/// The format of a timestamp's text ("iso:T3Z"), empty where writing it again would give other characters.
std::string timestamp_format(std::string_view text);

/// Appends the value of a node that was profiled, or that the user wants read as a type; a key is a string.
/// False, with nothing appended, where it is none of that type.
bool append_scalar(const Document& document, Document::Index node, const LogicalType& type,
                   ColumnVector& column);

}  // namespace migrate::backends::json
