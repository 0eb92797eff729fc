#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

/// The one text spelling of every logical value, shared by all engines that hold values as text. Writing a
/// value and reading it back gives the same bits. Reading is strict (no blanks, no "+1", no other spellings
/// of the special values) but takes what each reader says it takes beside that; a caller that must know
/// whether a text is exactly the spelling below writes the value again and compares.
///
///   int16, int32, int64  -12
///   float32, float64     shortest that reads back; NaN, Infinity, -Infinity, -0
///   boolean              true, false
///   decimal              10.10, NaN, Infinity, -Infinity
///   date                 2024-02-29, 0044-03-15 BC, infinity, -infinity; years over 9999 with all their
///   digits time                 12:34:56.000001 (always six fraction digits; 24:00:00.000000 is a value)
///   time_tz              12:34:56.000001+05:30 (seconds of the zone only if not 0)
///   timestamp            2024-02-29T12:34:56.000001 (separator chosen; six fraction digits unless asked
///                        otherwise; " BC", infinity as for date)
///   timestamp_tz         the same in UTC with Z; " BC" comes after it
///   interval             ISO 8601 with every field signed on its own: P1Y2M-3DT4H5M6.000007S; PT0S
///   uuid                 lower-case with hyphens
///   bytes                base64 with padding
///   text-carried kinds   the bytes as they are
namespace migrate::model {

// Appending writers. Values are in the forms that LogicalType documents.
void append_float64(double value, std::string& out);
void append_float32(float value, std::string& out);
void append_decimal(std::string_view numeric, std::string& out);
void append_date(std::int64_t days, std::string& out);
/// fraction_digits −1 = six always; 0..6 = exactly that many (the caller knows they suffice).
void append_time(std::int64_t microseconds, std::string& out, int fraction_digits = -1);
void append_time_tz(std::string_view value, std::string& out);
/// utc adds the Z. fraction_digits as above.
void append_timestamp(std::int64_t microseconds, char separator, bool utc, std::string& out,
                      int fraction_digits = -1);
void append_interval(std::string_view value, std::string& out);
void append_uuid(std::string_view value, std::string& out);
void append_base64(std::string_view value, std::string& out);

// Readers: false where the text is not such a value; `out` is then unspecified.
bool read_int64(std::string_view text, std::int64_t& out);
/// Accept any JSON number that is not past the type's limits; a number that is not 0 but would be read as 0
/// is.
bool read_float64(std::string_view text, double& out);
bool read_float32(std::string_view text, float& out);
/// Accepts what a JSON number or SQL numeric literal may be, exponents included ("1.50e3" has scale 0: 1500),
/// and leading zeros; appends numeric_send form. Scale and digits are kept: "10.10" has scale 2. False past
/// PostgreSQL's limits (131,072 digits before, 16,383 after the point).
bool read_decimal(std::string_view text, std::string& out);
/// Gives a value in numeric_send form the scale of decimal(precision, scale), in place. False, and nothing
/// changed, where that would take digits away or the value is too large; NaN fits always, infinities never.
bool fit_decimal(int precision, int scale, char* numeric, std::size_t size);
/// Takes the zeros from the end of a fraction in numeric_send form, in place: 5.00 becomes 5.
void trim_decimal(char* numeric, std::size_t size);
bool read_date(std::string_view text, std::int64_t& out);
/// Accept 0 to 6 fraction digits; time_tz the zones of read_timestamp but Z.
bool read_time(std::string_view text, std::int64_t& out);
bool read_time_tz(std::string_view text, std::string& out);
/// Accepts either separator, 0 to 6 fraction digits, and with zone=true "Z", "+HH", "+HH:MM", "+HH:MM:SS"
/// (one of them must be there).
bool read_timestamp(std::string_view text, bool zone, std::int64_t& out);
bool read_interval(std::string_view text, std::string& out);
/// Accepts upper case; 36 characters only.
bool read_uuid(std::string_view text, std::string& out);
bool read_base64(std::string_view text, std::string& out);

/// The spelling above for any non-NULL value but variant.
void append_text(const ColumnVector& column, std::size_t row, const LogicalType& type, std::string& out);
/// Appends the value spelled so, a decimal with precision fitted to it (fit_decimal) and a trimmed one
/// without the zeros at its end, an enumeration's value only if it is among the labels where those are known;
/// false (nothing appended) where the text is none of this type.
bool append_from_text(ColumnVector& column, const LogicalType& type, std::string_view text);

/// PostgreSQL array literal ({1,NULL,"a b"}, [0:1]={…}) to JSON text and back. Numbers and booleans of exact
/// kinds are JSON numbers and booleans, all else strings, NULL null; an array with lower bounds other than 1
/// becomes
/// {"lower":[…],"values":[…]}. False where the text is no such literal (or JSON value).
bool array_to_json(std::string_view literal, const LogicalType& element, std::string& json);
bool array_from_json(std::string_view json, const LogicalType& element, std::string& literal);

/// Well-formed UTF-8 without surrogates and overlong forms.
bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace migrate::model
