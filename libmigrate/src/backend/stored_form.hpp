#pragma once

/// What a source says of a column that it reads as more than it stores, in Column::properties.
namespace migrate::backend {

/// The reading that takes each value as it is spelled at the source, as --type names it ("text",
/// "decimal:number"). Where values go to a column of text, this one takes nothing away.
inline constexpr const char* k_stored_as = "stored_as";

/// How many values are of the type that was recorded for the column, but are not spelled as that type writes
/// them. There where k_stored_as is.
inline constexpr const char* k_respelled = "respelled";

/// One value of the column's type has several spellings at the source, which tells them apart: keys are to be
/// looked at by value.
inline constexpr const char* k_many_spellings = "many_spellings";

/// The type that a column was recorded with, where it is read as it is stored and so travels as less;
/// "type:format". The record of a copy keeps it.
inline constexpr const char* k_recorded_as = "recorded_as";

}  // namespace migrate::backend
