#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backends/sqlite/column_profile.hpp"

namespace migrate::backends::sqlite {

class ColumnSupport;

/// The reading that holds for every value of a column and can be undone, or that the user asked for; null
/// where there is none or it may be a coincidence.
const Reading* reading_to_take(const ColumnProfile& profile);

/// Whether a second look at the values is needed to tell how many of them each reading holds for.
bool needs_support(const ColumnProfile& profile);

/// Seconds, milliseconds and microseconds since 1970 of the years 1973 to 5138 do not overlap, nor do Julian
/// days of the years 0 to 9999; a number that is in none of them says nothing for sure, but for 0.
bool is_plausible_epoch(std::string_view format, double number);
bool is_plausible_julian(double number);

/// Decides what a column's values are read as from its declaration and its profile; sets type, format and
/// why, and adds what is worth knowing to the findings. bad_text: stop, replace, bytes or reject. `support`
/// is there where needs_support says so.
void decide_reading(const Table& table, Column& column, const ColumnProfile& profile,
                    const ColumnSupport* support, const std::string& bad_text,
                    std::vector<Finding>& findings);

/// The reading of a column without a value, by its declaration alone.
void decide_by_declaration(Column& column, const DeclaredType& declared);

}  // namespace migrate::backends::sqlite
