#include "backends/sqlite/column_support.hpp"

#include <algorithm>

#include "backends/sqlite/column_reading.hpp"
#include "backends/sqlite/time_pattern.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

/// The readings of dates and times, by what is asked for most.
std::vector<ColumnCodec> time_codecs() {
    std::vector<ColumnCodec> out;
    for (const TypeKind kind :
         {TypeKind::date, TypeKind::timestamp, TypeKind::timestamp_tz, TypeKind::time}) {
        out.emplace_back(kind, "");
    }
    for (const char* format : {"epoch_s", "epoch_ms", "epoch_us", "epoch_real", "julian"}) {
        out.emplace_back(TypeKind::timestamp_tz, format);
    }
    return out;
}

bool has_plausible_size(const ColumnCodec& codec, const Cell& cell) {
    if (cell.storage != Cell::Class::integer && cell.storage != Cell::Class::real) {
        return true;
    }
    const double number =
        cell.storage == Cell::Class::integer ? static_cast<double>(cell.integer) : cell.real;
    return codec.format() == "julian" ? is_plausible_julian(number)
                                      : is_plausible_epoch(codec.format(), number);
}

/// The pattern without its fraction, which may vary among texts of one shape.
std::string shape_of(TimePattern pattern) {
    pattern.digits = 0;
    pattern.fraction = TimePattern::Fraction::fixed;
    return pattern.picture();
}

bool all_digits(std::string_view text, std::size_t count) {
    return text.size() >= count &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count),
                       [](char c) { return util::is_digit(c); });
}

/// 10000-01-01, +12345-06-07, -0044-03-15, 0000-01-01: years that no type of dates here has.
bool is_far_year(std::string_view text) {
    if (text.starts_with("0000-") && text.size() >= 10) {
        return all_digits(text.substr(5), 2) && all_digits(text.substr(8), 2);
    }
    const bool is_signed = text.starts_with('-') || text.starts_with('+');
    text.remove_prefix(is_signed ? 1 : 0);
    const std::size_t dash = text.find('-');
    return dash != std::string_view::npos && dash >= (is_signed ? 4U : 5U) && dash <= 9 &&
           all_digits(text, dash) && all_digits(text.substr(dash + 1), 2);
}

bool has_date_shape(std::string_view text) {
    return text.size() >= 10 && all_digits(text, 4) && text[4] == '-' && all_digits(text.substr(5), 2) &&
           text[7] == '-' && all_digits(text.substr(8), 2);
}

}  // namespace

ColumnSupport::ColumnSupport(const ColumnProfile& profile)
    : m_time(speaks_of_time(profile.declared())),
      m_codecs(m_time ? time_codecs() : hoped_for(profile.declared())),
      m_taken(m_codecs.size()) {}

void ColumnSupport::count(const std::string& key, const char* one, const char* many) {
    Count& count = m_counts[key];
    if (count.values++ == 0) {
        count.one = one;
        count.many = many;
    }
}

void ColumnSupport::add(const Cell& cell) {
    if (cell.storage == Cell::Class::null) {
        return;
    }
    bool any = false;
    for (std::size_t i = 0; i < m_codecs.size(); ++i) {
        const ColumnCodec& codec = m_codecs[i];
        ColumnVector value(codec.type().kind);
        m_taken[i] += codec.decode(cell, value) && (!m_time || has_plausible_size(codec, cell)) ? 1U : 0U;
        if (!m_time && codec.round_trips(cell)) {
            const std::string reading = "can be read as " + spelling_of(codec);
            count(spelling_of(codec), reading.c_str(), reading.c_str());
            any = true;
        }
    }
    if (m_time) {
        add_time(cell);
    } else if (!any) {
        count("~", "cannot", "cannot");
    }
}

void ColumnSupport::add_time(const Cell& cell) {
    if (cell.storage == Cell::Class::text) {
        add_time_text(cell.bytes);
    } else if (cell.storage == Cell::Class::blob) {
        count("~blob", "is a blob", "are blobs");
    } else {
        add_time_number(cell);
    }
}

void ColumnSupport::add_time_number(const Cell& cell) {
    static constexpr struct {
        const char* format;
        const char* one;
        const char* many;
    } k_sizes[] = {
        {"epoch_s", "has the size of seconds since 1970", "have the size of seconds since 1970"},
        {"epoch_ms", "has the size of milliseconds since 1970", "have the size of milliseconds since 1970"},
        {"epoch_us", "has the size of microseconds since 1970", "have the size of microseconds since 1970"},
        {"julian", "has the size of a Julian day", "have the size of Julian days"},
    };
    const bool whole = cell.storage == Cell::Class::integer;
    const double number = whole ? static_cast<double>(cell.integer) : cell.real;
    for (const auto& size : k_sizes) {
        const bool julian = std::string_view(size.format) == "julian";
        if (julian ? !whole && is_plausible_julian(number) : is_plausible_epoch(size.format, number)) {
            count(size.format, size.one, size.many);
            return;
        }
    }
    count("~number", "is another number", "are other numbers");
}

void ColumnSupport::add_time_text(std::string_view text) {
    if (text.empty()) {
        count("~empty", "is an empty text", "are empty texts");
        return;
    }
    for (const TimePattern& pattern : TimePattern::guess(text)) {
        std::int64_t value = 0;
        if (pattern.read(text, value)) {
            const std::string shape = shape_of(pattern);
            count(shape, ("is written " + shape).c_str(), ("are written " + shape).c_str());
            return;
        }
    }
    if (text.starts_with("0000-00-00")) {
        count("~zero", "is a zero date (0000-00-00)", "are zero dates (0000-00-00)");
    } else if (is_far_year(text)) {
        count("~far", "has a year outside of 1 to 9999", "have years outside of 1 to 9999");
    } else if (has_date_shape(text)) {
        count("~none", "is a date that does not exist, or written in another way",
              "are dates that do not exist, or written in another way");
    } else {
        count("~text", "is another text", "are other texts");
    }
}

std::vector<const ColumnSupport::Count*> ColumnSupport::ranked() const {
    std::vector<const Count*> out;
    out.reserve(m_counts.size());
    for (const auto& [key, entry] : m_counts) {
        out.push_back(&entry);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Count* a, const Count* b) { return a->values > b->values; });
    return out;
}

std::string ColumnSupport::summary() const {
    std::string out;
    for (const Count* entry : ranked()) {
        out += (out.empty() ? "" : ", ") + std::to_string(entry->values) + " " +
               (entry->values == 1 ? entry->one : entry->many);
    }
    return out;
}

ColumnSupport::Best ColumnSupport::best() const {
    const auto most = std::max_element(m_taken.begin(), m_taken.end());
    if (most == m_taken.end() || *most == 0) {
        return {};
    }
    return {spelling_of(m_codecs[static_cast<std::size_t>(most - m_taken.begin())]), *most};
}

std::uint64_t ColumnSupport::values_of(const std::string& type) const {
    const auto found = m_counts.find(type);
    return found == m_counts.end() ? 0 : found->second.values;
}

}  // namespace migrate::backends::sqlite
