#include <array>
#include <limits>

#include "mapping/row_function.hpp"
#include "model/calendar.hpp"

namespace migrate::mapping {
namespace {

constexpr std::int64_t k_microseconds = 1'000'000;
/// 2000-01-01, from which dates and timestamps count, since 1970-01-01.
constexpr std::int64_t k_epoch_days = 10'957;
constexpr std::int64_t k_epoch_microseconds = k_epoch_days * model::k_day_microseconds;

constexpr std::string_view k_infinite = "an infinite date has no parts";
constexpr std::string_view k_past_dates = "a date or time would be past all that there are";

bool is_infinite_day(std::int64_t days) {
    return days == std::numeric_limits<std::int32_t>::max() ||
           days == std::numeric_limits<std::int32_t>::min();
}
bool is_infinite_time(std::int64_t time) {
    return time == std::numeric_limits<std::int64_t>::max() ||
           time == std::numeric_limits<std::int64_t>::min();
}

enum class Part : std::uint8_t { year, month, day, weekday, hour, minute, second, microsecond };

bool day_part(Part part, std::int64_t days, std::int64_t& out) {
    const model::CivilDate date = model::date_of(days);
    switch (part) {
        case Part::year:
            out = date.year;
            return true;
        case Part::month:
            out = date.month;
            return true;
        case Part::day:
            out = date.day;
            return true;
        case Part::weekday: {
            // 2000-01-01 was a Saturday: 6 of 1 (Monday) to 7.
            const std::int64_t since_monday = days + 5;
            out = since_monday - util::floor_div(since_monday, 7) * 7 + 1;
            return true;
        }
        default:
            return false;
    }
}

std::int64_t time_part(Part part, std::int64_t time) {
    switch (part) {
        case Part::hour:
            return time / (3'600 * k_microseconds);
        case Part::minute:
            return time / (60 * k_microseconds) % 60;
        case Part::second:
            return time / k_microseconds % 60;
        default:
            return time % k_microseconds;
    }
}

template <Part What>
bool part_of_date(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    return is_infinite_day(cells[0].fixed) ? reject_row(state, k_infinite)
                                           : day_part(What, cells[0].fixed, out.fixed);
}

template <Part What>
bool part_of_time(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    out.fixed = time_part(What, cells[0].fixed);
    return true;
}

template <Part What>
bool part_of_timestamp(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    if (is_infinite_time(cells[0].fixed)) {
        return reject_row(state, k_infinite);
    }
    const std::int64_t days = util::floor_div(cells[0].fixed, model::k_day_microseconds);
    if (!day_part(What, days, out.fixed)) {
        out.fixed = time_part(What, cells[0].fixed - days * model::k_day_microseconds);
    }
    return true;
}

/// The day of a timestamp; its time of day is left out because that is what is asked.
bool date_of(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    if (is_infinite_time(cells[0].fixed)) {
        out.fixed = cells[0].fixed > 0 ? std::numeric_limits<std::int32_t>::max()
                                       : std::numeric_limits<std::int32_t>::min();
        return true;
    }
    out.fixed = util::floor_div(cells[0].fixed, model::k_day_microseconds);
    return true;
}

bool time_of(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    if (is_infinite_time(cells[0].fixed)) {
        return reject_row(state, k_infinite);
    }
    const std::int64_t days = util::floor_div(cells[0].fixed, model::k_day_microseconds);
    out.fixed = cells[0].fixed - days * model::k_day_microseconds;
    return true;
}

/// The same clock reading, as an instant in UTC or the other way round: no value changes.
bool same_slot(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    out.fixed = cells[0].fixed;
    return true;
}

template <bool Add>
bool move_date(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    if (is_infinite_day(cells[0].fixed)) {
        out.fixed = cells[0].fixed;
        return true;
    }
    const bool past = Add ? __builtin_add_overflow(cells[0].fixed, cells[1].fixed, &out.fixed)
                          : __builtin_sub_overflow(cells[0].fixed, cells[1].fixed, &out.fixed);
    return (!past && out.fixed >= model::k_first_day && out.fixed <= model::k_last_date_day) ||
           reject_row(state, k_past_dates);
}

bool days_between(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    if (is_infinite_day(cells[0].fixed) || is_infinite_day(cells[1].fixed)) {
        return reject_row(state, k_infinite);
    }
    out.fixed = cells[0].fixed - cells[1].fixed;
    return true;
}

/// from_epoch(n): an instant, n of so many µs since 1970.
template <std::int64_t Unit>
bool from_epoch(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    const bool past = __builtin_mul_overflow(cells[0].fixed, Unit, &out.fixed) ||
                      __builtin_sub_overflow(out.fixed, k_epoch_microseconds, &out.fixed);
    return (!past && out.fixed >= model::k_first_timestamp && out.fixed <= model::k_last_timestamp) ||
           reject_row(state, k_past_dates);
}

/// Whole units alone: what is between two of them is refused, not cut.
template <std::int64_t Unit>
bool to_epoch(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    std::int64_t since = 0;
    if (is_infinite_time(cells[0].fixed) ||
        __builtin_add_overflow(cells[0].fixed, k_epoch_microseconds, &since)) {
        return reject_row(state, k_infinite);
    }
    if (since % Unit != 0) {
        return reject_row(state, "a time is not a whole number of the units asked for");
    }
    out.fixed = since / Unit;
    return true;
}

constexpr auto k_functions = std::to_array<RowFunction>({
    {"year", "d", 'i', part_of_date<Part::year>},
    {"year", "s", 'i', part_of_timestamp<Part::year>},
    {"year", "z", 'i', part_of_timestamp<Part::year>},
    {"month", "d", 'i', part_of_date<Part::month>},
    {"month", "s", 'i', part_of_timestamp<Part::month>},
    {"month", "z", 'i', part_of_timestamp<Part::month>},
    {"day", "d", 'i', part_of_date<Part::day>},
    {"day", "s", 'i', part_of_timestamp<Part::day>},
    {"day", "z", 'i', part_of_timestamp<Part::day>},
    {"weekday", "d", 'i', part_of_date<Part::weekday>},
    {"weekday", "s", 'i', part_of_timestamp<Part::weekday>},
    {"weekday", "z", 'i', part_of_timestamp<Part::weekday>},
    {"hour", "m", 'i', part_of_time<Part::hour>},
    {"hour", "s", 'i', part_of_timestamp<Part::hour>},
    {"hour", "z", 'i', part_of_timestamp<Part::hour>},
    {"minute", "m", 'i', part_of_time<Part::minute>},
    {"minute", "s", 'i', part_of_timestamp<Part::minute>},
    {"minute", "z", 'i', part_of_timestamp<Part::minute>},
    {"second", "m", 'i', part_of_time<Part::second>},
    {"second", "s", 'i', part_of_timestamp<Part::second>},
    {"second", "z", 'i', part_of_timestamp<Part::second>},
    {"microsecond", "m", 'i', part_of_time<Part::microsecond>},
    {"microsecond", "s", 'i', part_of_timestamp<Part::microsecond>},
    {"microsecond", "z", 'i', part_of_timestamp<Part::microsecond>},
    {"date_of", "s", 'd', date_of},
    {"date_of", "z", 'd', date_of},
    {"time_of", "s", 'm', time_of},
    {"time_of", "z", 'm', time_of},
    {"as_utc", "s", 'z', same_slot},
    {"utc", "z", 's', same_slot},
    {"+", "di", 'd', move_date<true>},
    {"-", "di", 'd', move_date<false>},
    {"-", "dd", 'i', days_between},
    {"from_epoch", "i", 'z', from_epoch<k_microseconds>},
    {"from_epoch_ms", "i", 'z', from_epoch<1'000>},
    {"from_epoch_us", "i", 'z', from_epoch<1>},
    {"epoch", "z", 'i', to_epoch<k_microseconds>},
    {"epoch_ms", "z", 'i', to_epoch<1'000>},
    {"epoch_us", "z", 'i', to_epoch<1>},
});

}  // namespace

std::span<const RowFunction> time_functions() {
    return k_functions;
}

}  // namespace migrate::mapping
