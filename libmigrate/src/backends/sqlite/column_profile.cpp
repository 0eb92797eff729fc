#include "backends/sqlite/column_profile.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "util/json_number.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::sqlite {
namespace {

using backend::ColumnHint;

constexpr int k_decimals = 1;
constexpr int k_times = 2;
constexpr int k_recorded = 3;

bool contains(const DeclaredType& declared, std::string_view word) {
    return declared.name.find(word) != std::string::npos;
}

bool is_one_of(const DeclaredType& declared, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), declared.name) != names.end();
}

const std::vector<std::string>& boolean_formats() {
    static const std::vector<std::string> k_formats = {
        "",         "text:f/t", "text:F/T",    "text:false/true", "text:FALSE/TRUE", "text:False/True",
        "text:n/y", "text:N/Y", "text:no/yes", "text:NO/YES",     "text:0/1"};
    return k_formats;
}

std::vector<std::string> formats_of(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
            return boolean_formats();
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return {"", "text", "real"};
        case TypeKind::float32:
        case TypeKind::float64:
            return {"", "integer"};
        case TypeKind::decimal:
            return {"number", ""};
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return {"", "epoch_s", "epoch_ms", "epoch_us", "epoch_real", "julian"};
        case TypeKind::uuid:
            return {"", "upper", "hex", "blob"};
        case TypeKind::json:
        case TypeKind::jsonb:
            return {"", "text_or_integer"};
        case TypeKind::bytes:
            return {"", "text"};
        default:
            return {""};
    }
}

void add_all(std::vector<ColumnCodec>& out, const LogicalType& type) {
    for (const std::string& format : formats_of(type.kind)) {
        out.emplace_back(type, format);
    }
}

bool is_decimal_name(const DeclaredType& declared) {
    return declared.affinity == Affinity::numeric &&
           (contains(declared, "DEC") || contains(declared, "NUM") || contains(declared, "MONEY") ||
            contains(declared, "CURRENCY"));
}

LogicalType declared_decimal(const DeclaredType& declared) {
    const auto precision = declared.first_argument.value_or(-1);
    const auto scale = declared.second_argument.value_or(precision >= 0 ? 0 : -1);
    // Beyond these PostgreSQL has no such type, and SQLite never minded.
    if (precision < 1 || precision > 1000 || scale < 0 || scale > precision) {
        return LogicalType::decimal(-1, -1);
    }
    return LogicalType::decimal(static_cast<int>(precision), static_cast<int>(scale));
}

/// Kinds that this engine has no type for, held as text of which one spelling is as good as another.
bool is_read_by_value(const LogicalType& type) {
    switch (type.kind) {
        case TypeKind::text:
            return type.fixed_length;
        case TypeKind::decimal:
        case TypeKind::uuid:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
        case TypeKind::array:
            return true;
        default:
            return false;
    }
}

/// 007 and -0 are codes and no numbers.
bool is_number(std::string_view text) {
    return util::is_json_number(text) &&
           (text.front() != '-' ||
            text.substr(0, text.find_first_of("eE")).find_first_of("123456789") != std::string_view::npos);
}

/// The type without a limit on its digits; nullopt where it has none.
std::optional<LogicalType> without_digits(const LogicalType& type) {
    if (type.kind == TypeKind::decimal && type.scale >= 0) {
        return LogicalType::decimal(-1, -1);
    }
    const bool time = type.kind == TypeKind::time || type.kind == TypeKind::timestamp ||
                      type.kind == TypeKind::timestamp_tz;
    return time && type.precision >= 0 ? std::optional(LogicalType(type.kind)) : std::nullopt;
}

}  // namespace

bool speaks_of_time(const DeclaredType& declared) {
    return contains(declared, "DATE") || contains(declared, "TIME");
}

std::vector<ColumnCodec> hoped_for(const DeclaredType& declared) {
    std::vector<ColumnCodec> out;
    if (contains(declared, "BOOL")) {
        add_all(out, TypeKind::boolean);
    } else if (speaks_of_time(declared)) {
        for (const char* format : {"epoch_s", "epoch_ms", "epoch_us", "epoch_real", "julian"}) {
            out.emplace_back(TypeKind::timestamp_tz, format);
        }
    } else if (is_one_of(declared, {"UUID", "GUID", "UNIQUEIDENTIFIER"})) {
        add_all(out, TypeKind::uuid);
    } else if (is_one_of(declared, {"JSON", "JSONB"})) {
        add_all(out, TypeKind::json);
    } else if (is_decimal_name(declared)) {
        const LogicalType exact = declared_decimal(declared);
        out.emplace_back(exact, "number");
        if (exact.precision >= 0) {
            out.emplace_back(LogicalType::decimal(-1, -1), "number");
        }
    } else if (declared.affinity == Affinity::real) {
        out.emplace_back(TypeKind::float64, "");
    } else if (declared.affinity == Affinity::numeric || declared.affinity == Affinity::integer) {
        out.emplace_back(TypeKind::int64, "");
        out.emplace_back(LogicalType::decimal(-1, -1), "number");
    }
    return out;
}

ColumnProfile::ColumnProfile(const Column& column, bool strict, const std::vector<ColumnHint>& hints)
    : m_declared(read_type_name(column.native_type, strict)) {
    for (const ColumnHint& hint : hints) {
        const auto origin = Reading::Origin::user;
        if (!hint.from_user) {
            add_recorded(hint);
            continue;
        }
        if (!hint.format.empty()) {
            m_readings.push_back({ColumnCodec(hint.type, hint.format), origin, 0, 0, 0, false});
            continue;
        }
        std::vector<ColumnCodec> codecs;
        add_all(codecs, hint.type);
        for (ColumnCodec& codec : codecs) {
            m_readings.push_back({std::move(codec), origin, 0, 0, 0, false});
        }
    }
    bool first = true;
    for (ColumnCodec& codec : hoped_for(m_declared)) {
        // A decimal of so many digits is a decimal.
        const int family = codec.type().kind == TypeKind::decimal ? k_decimals : 0;
        m_readings.push_back(
            {std::move(codec), Reading::Origin::declared, 0, 0, family, first && family != 0});
        first = false;
    }
    m_guess = speaks_of_time(m_declared);
    m_suggest = !m_guess && (hoped_for(m_declared).empty() || m_declared.affinity == Affinity::integer);
    if (m_declared.affinity == Affinity::text && m_declared.first_argument.value_or(0) > 0) {
        m_limit = static_cast<std::uint64_t>(*m_declared.first_argument);
    }
}

/// What was written here from another engine's type, in the only spelling this one gives it, is read back by
/// its value: an application that has written since says 7.5 or 2026-01-01 10:00:00 its own way.
void ColumnProfile::add_recorded(const ColumnHint& hint) {
    Reading reading{ColumnCodec(hint.type, hint.format), Reading::Origin::provenance, 0, 0, 0, false};
    reading.by_value = hint.format.empty() && is_read_by_value(hint.type);
    const auto wide_type = reading.by_value ? without_digits(hint.type) : std::nullopt;
    reading.family = wide_type ? k_recorded : 0;
    reading.leads = wide_type.has_value();
    m_readings.push_back(reading);
    if (wide_type) {
        // What has grown out of its digits is a number, or a moment, still.
        Reading wide{ColumnCodec(*wide_type, ""), reading.origin, 0, 0, reading.family, false};
        wide.by_value = true;
        m_readings.push_back(std::move(wide));
    }
}

void ColumnProfile::add(const Cell& cell) {
    switch (cell.storage) {
        case Cell::Class::null:
            ++nulls;
            return;
        case Cell::Class::integer: {
            ++integers;
            bytes += sizeof(cell.integer);
            const auto bits = static_cast<std::uint64_t>(cell.integer);
            const std::uint64_t magnitude = cell.integer < 0 ? 0 - bits : bits;
            greatest_magnitude = std::max(greatest_magnitude, magnitude);
            least_magnitude = magnitude == 0 ? least_magnitude : std::min(least_magnitude, magnitude);
            break;
        }
        case Cell::Class::real:
            ++reals;
            bytes += sizeof(cell.real);
            least_real = std::min(least_real, cell.real);
            has_negative_zero = has_negative_zero || (cell.real == 0 && std::signbit(cell.real));
            greatest_real = std::max(greatest_real, cell.real);
            break;
        case Cell::Class::text:
            add_text(cell);
            break;
        case Cell::Class::blob:
            ++blobs;
            bytes += cell.bytes.size();
            longest_bytes = std::max<std::uint64_t>(longest_bytes, cell.bytes.size());
            break;
    }
    if (m_suggest) {
        m_suggest = false;
        suggest(cell);
    }
    if (!m_readings.empty()) {
        try_readings(cell);
    }
}

void ColumnProfile::add_possible(const LogicalType& type, const char* format) {
    m_readings.push_back({ColumnCodec(type, format), Reading::Origin::possible, 0, 0, 0, false});
}

void ColumnProfile::suggest(const Cell& cell) {
    if (cell.storage == Cell::Class::integer) {
        if (cell.integer == 0 || cell.integer == 1) {
            add_possible(TypeKind::boolean, "");
        }
        for (const char* format : {"epoch_s", "epoch_ms", "epoch_us"}) {
            add_possible(TypeKind::timestamp_tz, format);
        }
    } else if (cell.storage == Cell::Class::blob && cell.bytes.size() == 16) {
        add_possible(TypeKind::uuid, "blob");
    } else if (cell.storage == Cell::Class::text && !cell.bytes.empty()) {
        guess_patterns(cell.bytes, Reading::Origin::possible);
        if (cell.bytes.size() == 36) {
            add_possible(TypeKind::uuid, "");
            add_possible(TypeKind::uuid, "upper");
        }
        if (cell.bytes.front() == '{' || cell.bytes.front() == '[') {
            add_possible(TypeKind::json, "");
        }
    }
}

void ColumnProfile::add_text(const Cell& cell) {
    ++texts;
    bytes += cell.bytes.size();
    longest_bytes = std::max<std::uint64_t>(longest_bytes, cell.bytes.size());
    if (!util::is_valid_utf8(cell.bytes)) {
        ++broken_texts;
        return;
    }
    texts_with_nul += cell.bytes.find('\0') != std::string_view::npos ? 1U : 0U;
    const bool over_limit = m_limit > 0 && cell.bytes.size() > m_limit;
    if (cell.bytes.size() > longest || over_limit) {
        const std::uint64_t characters = util::count_utf8(cell.bytes);
        longest = std::max(longest, characters);
        overlong += over_limit && characters > m_limit ? 1U : 0U;
    }
    if (m_guess) {
        m_guess = false;
        guess_patterns(cell.bytes, Reading::Origin::seen);
    }
}

void ColumnProfile::guess_patterns(std::string_view text, Reading::Origin origin) {
    // Only texts so far, or no picture can hold for all.
    if (values() != texts || texts != 1) {
        return;
    }
    bool first = true;
    for (const TimePattern& pattern : TimePattern::guess(text)) {
        // A time without a fraction is also one whose fraction may be left away; not so ".000".
        const bool leads = first && pattern.digits == 0;
        const int family = leads || (!first && m_readings.back().family == k_times) ? k_times : 0;
        first = false;
        const TypeKind kind = !pattern.time          ? TypeKind::date
                              : !pattern.date        ? TypeKind::time
                              : pattern.zone.empty() ? TypeKind::timestamp
                                                     : TypeKind::timestamp_tz;
        m_readings.push_back({ColumnCodec(kind, pattern.picture()), origin, 0, 0, family, leads});
    }
}

void ColumnProfile::try_readings(const Cell& cell) {
    bool any_dead = false;
    int led = 0;
    for (Reading& reading : m_readings) {
        const ColumnCodec& codec = reading.codec;
        bool fits = false;
        if (reading.family != 0 && reading.family == led) {
            fits = true;
            // Counted by each for itself: which of them is taken is known when all values are.
            reading.changed += reading.by_value && !codec.round_trips(cell) ? 1U : 0U;
        } else if (reading.origin == Reading::Origin::user) {
            // The user may ask for a reading that cannot be undone.
            ColumnVector value(codec.type().kind);
            fits = codec.decode(cell, value);
            reading.changed += fits && !codec.round_trips(cell) ? 1U : 0U;
        } else {
            fits = codec.round_trips(cell);
            if (!fits && reading.by_value) {
                ColumnVector value(codec.type().kind);
                fits = (codec.type().kind != TypeKind::decimal || is_number(cell.bytes)) &&
                       codec.decode(cell, value);
                reading.changed += fits ? 1U : 0U;
            }
        }
        led = reading.leads && fits ? reading.family : led;
        reading.misfits += fits ? 0U : 1U;
        any_dead = any_dead || !fits;
    }
    if (any_dead) {
        std::erase_if(m_readings, [](const Reading& reading) {
            return reading.misfits > 0 && reading.origin != Reading::Origin::user;
        });
    }
}

ColumnProfile ColumnProfile::fork() const {
    ColumnProfile part(*this);
    static_cast<ColumnCounts&>(part) = ColumnCounts();
    part.m_guess = m_guess && !is_settled();
    for (Reading& reading : part.m_readings) {
        reading.misfits = 0;
        reading.changed = 0;
    }
    return part;
}

void ColumnProfile::merge(const ColumnProfile& part) {
    if (part.is_settled()) {
        if (is_settled()) {
            merge_readings(part);
        } else {
            m_readings = part.m_readings;
            m_guess = part.m_guess;
            m_suggest = part.m_suggest;
        }
    }
    merge_counts(part);
}

/// Both have what one profile had, less what does not hold.
void ColumnProfile::merge_readings(const ColumnProfile& part) {
    std::vector<Reading> both;
    auto other = part.m_readings.begin();
    for (const Reading& reading : m_readings) {
        const auto found = std::find_if(other, part.m_readings.end(), [&](const Reading& one) {
            return one.origin == reading.origin && one.codec.type() == reading.codec.type() &&
                   one.codec.format() == reading.codec.format();
        });
        if (found == part.m_readings.end()) {
            continue;
        }
        both.push_back(reading);
        both.back().misfits += found->misfits;
        both.back().changed += found->changed;
        other = std::next(found);
    }
    m_readings = std::move(both);
}

void ColumnCounts::merge_counts(const ColumnCounts& part) {
    nulls += part.nulls;
    integers += part.integers;
    reals += part.reals;
    texts += part.texts;
    blobs += part.blobs;
    bytes += part.bytes;
    longest = std::max(longest, part.longest);
    longest_bytes = std::max(longest_bytes, part.longest_bytes);
    overlong += part.overlong;
    broken_texts += part.broken_texts;
    texts_with_nul += part.texts_with_nul;
    least_real = std::min(least_real, part.least_real);
    greatest_real = std::max(greatest_real, part.greatest_real);
    has_negative_zero = has_negative_zero || part.has_negative_zero;
    least_magnitude = std::min(least_magnitude, part.least_magnitude);
    greatest_magnitude = std::max(greatest_magnitude, part.greatest_magnitude);
}

const Reading* ColumnProfile::agreed() const {
    for (const Reading& reading : m_readings) {
        if (reading.misfits == 0 && reading.origin != Reading::Origin::possible) {
            return &reading;
        }
    }
    return nullptr;
}

const Reading* ColumnProfile::contradicted() const {
    const Reading* closest = nullptr;
    for (const Reading& reading : m_readings) {
        if (reading.origin != Reading::Origin::user) {
            continue;
        }
        if (reading.misfits == 0) {
            return nullptr;
        }
        if (closest == nullptr || reading.misfits < closest->misfits) {
            closest = &reading;
        }
    }
    return closest;
}

}  // namespace migrate::backends::sqlite
