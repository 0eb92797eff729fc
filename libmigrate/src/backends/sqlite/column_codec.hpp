#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

#include "backends/sqlite/cell.hpp"
#include "backends/sqlite/time_pattern.hpp"

namespace migrate::backends::sqlite {

/// How the values of one column become logical values and SQLite's again: chosen once per column from its
/// logical type and format, then applied to every value. Pure; safe to share between threads.
///
/// Formats (Column::format), the empty one being how this backend writes the type where it may choose:
///   boolean                 ""  0 and 1          "text:F/T"  two words, false first ("text:f/t")
///   int16, int32, int64     ""  INTEGER          "text", "real"
///   float32, float64        ""  REAL; text NaN and -zero, which REAL cannot hold    "integer"
///                           "signed"  REAL in a column without affinity, which holds -0.0
///   decimal                 ""  text             "number" INTEGER where whole, else REAL    "real"
///   text                    ""  text             "replace" bytes that are no UTF-8 read as U+FFFD;
///                                            "valid" text that is not UTF-8 is not read
///   bytes                   ""  BLOB             "text" the bytes of a TEXT value
///   date, time, timestamp   ""  value_text.hpp   a picture (TimePattern)
///   timestamp, timestamp_tz also "epoch_s", "epoch_ms", "epoch_us" INTEGER, "epoch_real" and "julian" REAL
///   uuid                    ""  lower case       "upper", "hex" (32 digits), "blob" (16 bytes)
///   json, jsonb             ""  text             "text_or_integer" whole numbers as INTEGER
///   array                   ""  JSON text
///   variant                 ""  as it is         "replace", "bytes", "valid": texts that are no UTF-8 with
///                                            U+FFFD, as blobs, not read
///   all else                ""  value_text.hpp
class ColumnCodec {
  public:
    /// Throws: Error{usage} for a format that is none of the type's.
    ColumnCodec(const LogicalType& type, const std::string& format);

    /// Appends the value. False, and nothing appended, where it is none of this type in this format.
    /// Requires: not NULL.
    bool decode(const Cell& cell, ColumnVector& out) const { return m_decode(*this, cell, out); }

    /// The value as SQLite is to hold it. Bytes point into the column or into `scratch`. False where the
    /// format cannot say it exactly. Requires: not NULL.
    bool encode(const ColumnVector& column, std::size_t row, Cell& out, std::string& scratch) const {
        return m_encode(*this, column, row, out, scratch);
    }

    /// True when decoding and encoding give the same value of the same storage class. NULL does.
    [[nodiscard]] bool round_trips(const Cell& cell) const {
        return cell.storage == Cell::Class::null ||
               (m_survives != nullptr ? m_survives(*this, cell) : comes_back(cell));
    }
    /// The same for a value that is not NULL, by decoding and encoding it.
    [[nodiscard]] bool comes_back(const Cell& cell) const;

    [[nodiscard]] const LogicalType& type() const noexcept { return m_type; }
    [[nodiscard]] const std::string& format() const noexcept { return m_format; }
    [[nodiscard]] const TimePattern& pattern() const noexcept { return m_pattern; }
    [[nodiscard]] const std::string& false_word() const noexcept { return m_false; }
    [[nodiscard]] const std::string& true_word() const noexcept { return m_true; }

    using Decode = bool (*)(const ColumnCodec&, const Cell&, ColumnVector&);
    using Encode = bool (*)(const ColumnCodec&, const ColumnVector&, std::size_t, Cell&, std::string&);
    using Survives = bool (*)(const ColumnCodec&, const Cell&);

  private:
    LogicalType m_type;
    std::string m_format;
    TimePattern m_pattern;
    std::string m_false;
    std::string m_true;
    Decode m_decode;
    Encode m_encode;
    Survives m_survives;
};

/// As --type takes it: "uuid", "timestamp_tz:epoch_ms".
std::string spelling_of(const ColumnCodec& codec);

/// One way to hold a kind; found by codec tables.
struct CodecEntry {
    std::string_view format;
    ColumnCodec::Decode decode;
    ColumnCodec::Encode encode;
    /// What comes_back() says, in less time; null where there is no shorter way.
    ColumnCodec::Survives survives = nullptr;
};

// The tables, by group of kinds; the first entry is the default. "*" = a picture, "text:" = a pair of words.
std::vector<CodecEntry> number_codecs(TypeKind kind);
std::vector<CodecEntry> time_codecs(TypeKind kind);
std::vector<CodecEntry> text_codecs(TypeKind kind);

}  // namespace migrate::backends::sqlite
