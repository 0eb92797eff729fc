#include <array>
#include <utility>

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/expression_printer.hpp"

namespace migrate::backends::postgresql {

namespace {

using model::Affinity;
using model::SqliteStorage;

enum class Moment : std::uint8_t { second, millisecond, minute, date, time, epoch, julian, other };

struct Clock {
    Moment moment = Moment::other;
    std::string picture;       ///< For to_char(); empty for epoch and julian.
    bool text = true;          ///< SQLite gives a text.
    std::string why_not = {};  ///< Not empty: it is the time, but has no equal.
};

constexpr std::string_view k_utc = "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')";
constexpr std::string_view k_epoch = "floor(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP))::bigint";

std::string_view picture_of(char letter) {
    static constexpr std::array<std::pair<char, std::string_view>, 8> k_letters = {{{'Y', "YYYY"},
                                                                                    {'m', "MM"},
                                                                                    {'d', "DD"},
                                                                                    {'H', "HH24"},
                                                                                    {'M', "MI"},
                                                                                    {'S', "SS"},
                                                                                    {'f', "SS.MS"},
                                                                                    {'j', "DDD"}}};
    for (const auto& [sqlite, postgresql] : k_letters) {
        if (sqlite == letter) {
            return postgresql;
        }
    }
    return {};
}

// What strftime() writes, for to_char(); empty where a letter has no equal.
std::string to_char_picture(std::string_view format) {
    std::string out;
    for (std::size_t at = 0; at < format.size(); ++at) {
        const char c = format[at];
        if (c != '%') {
            const bool special = c == '"' || c == '\\';
            out += std::string("\"") + (special ? "\\" : "") + c + "\"";
            continue;
        }
        const std::string_view picture =
            at + 1 < format.size() ? picture_of(format[++at]) : std::string_view();
        if (picture.empty()) {
            return {};
        }
        out += picture;
    }
    return out;
}

Clock clock_of_format(std::string format) {
    if (format == "%s") {
        return {Moment::epoch, "", true};
    }
    Clock clock{Moment::other, to_char_picture(format), true};
    if (clock.picture.empty()) {
        clock.why_not = "a time format that PostgreSQL does not have";
        return clock;
    }
    if (format.ends_with('Z')) {
        format.pop_back();
    }
    if (format.size() > 8 && format[8] == 'T') {
        format[8] = ' ';
    }
    static constexpr std::array<std::pair<std::string_view, Moment>, 5> k_formats = {{
        {"%Y-%m-%d %H:%M:%S", Moment::second},
        {"%Y-%m-%d %H:%M:%f", Moment::millisecond},
        {"%Y-%m-%d %H:%M", Moment::minute},
        {"%Y-%m-%d", Moment::date},
        {"%H:%M:%S", Moment::time},
    }};
    for (const auto& [known, moment] : k_formats) {
        clock.moment = format == known ? moment : clock.moment;
    }
    return clock;
}

bool is_text(const Expression& e, std::string_view text) {
    return e.is(ExpressionKind::string_literal) && e->text == text;
}

// The arguments from the given one on are none, or 'now'.
bool is_now(const Expression& e, std::size_t first) {
    return e.children().size() == first ||
           (e.children().size() == first + 1 && is_text(e.child(first), "now"));
}

std::optional<Clock> clock_of_function(const Expression& e) {
    const std::string& name = e->text;
    const bool format_first = name == "strftime";
    if (name != "datetime" && name != "date" && name != "time" && name != "unixepoch" &&
        name != "julianday" && !format_first) {
        return std::nullopt;
    }
    if (!is_now(e, format_first ? 1 : 0)) {
        return Clock{Moment::other, "", true, "a time with modifiers, or the local time of the client"};
    }
    if (format_first) {
        return e.child(0).is(ExpressionKind::string_literal)
                   ? clock_of_format(e.child(0)->text)
                   : Clock{Moment::other, "", true, "a time format that is no literal"};
    }
    if (name == "unixepoch") {
        return Clock{Moment::epoch, "", false};
    }
    if (name == "julianday") {
        return Clock{Moment::julian, "", false};
    }
    return clock_of_format(name == "date" ? "%Y-%m-%d" : name == "time" ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S");
}

std::optional<Clock> clock_of(const Expression& e) {
    if (e.is(ExpressionKind::keyword_value)) {
        return clock_of_format(e->text == "current_date"   ? "%Y-%m-%d"
                               : e->text == "current_time" ? "%H:%M:%S"
                                                           : "%Y-%m-%d %H:%M:%S");
    }
    if (e.is(ExpressionKind::function)) {
        return clock_of_function(e);
    }
    if (e.is(ExpressionKind::cast) && model::affinity_of(e->type.name) == Affinity::integer) {
        std::optional<Clock> inner = clock_of(e.child(0));
        if (inner && inner->moment == Moment::epoch) {
            inner->text = false;
        } else if (inner) {
            inner->why_not = "the time as a number";
        }
        return inner;
    }
    return std::nullopt;
}

std::string truncated(Moment moment) {
    switch (moment) {
        case Moment::second:
        case Moment::epoch:
            return "date_trunc('second', CURRENT_TIMESTAMP)";
        case Moment::millisecond:
        case Moment::julian:
            return "date_trunc('milliseconds', CURRENT_TIMESTAMP)";
        case Moment::minute:
            return "date_trunc('minute', CURRENT_TIMESTAMP)";
        case Moment::date:
            return "(date_trunc('day', " + std::string(k_utc) + ") AT TIME ZONE 'UTC')";
        default:
            return {};
    }
}

// For a column of timestamps; empty where the source would hold something else.
std::string timestamp_sql(const Clock& clock, const Column& source, bool zoned) {
    const SqliteStorage storage = model::sqlite_storage_of(source);
    const bool fits =
        storage == SqliteStorage::text      ? clock.moment != Moment::epoch && clock.moment != Moment::julian
        : storage == SqliteStorage::integer ? clock.moment == Moment::epoch && source.format == "epoch_s"
                                            : clock.moment == Moment::julian && source.format == "julian";
    const std::string sql = fits ? truncated(clock.moment) : "";
    return sql.empty() || zoned ? sql : "(" + sql + " AT TIME ZONE 'UTC')";
}

std::string text_sql(const Clock& clock, Affinity affinity) {
    if (clock.moment == Moment::epoch) {
        return affinity == Affinity::text ? "(" + std::string(k_epoch) + ")::text" : "";
    }
    // A result of digits alone would be a number in a column that is not of text.
    const bool punctuated =
        clock.picture.find("\"-\"") != std::string::npos || clock.picture.find("\":\"") != std::string::npos;
    return clock.picture.empty() || (affinity != Affinity::text && !punctuated)
               ? ""
               : "to_char(" + std::string(k_utc) + ", " +
                     model::quote_text(clock.picture, Dialect::postgresql) + ")";
}

std::string column_sql(const Clock& clock, const Column& source, Affinity affinity) {
    const bool number = clock.moment == Moment::epoch &&
                        (!clock.text || affinity == Affinity::integer || affinity == Affinity::numeric);
    switch (source.type.kind) {
        case TypeKind::text:
            return source.type.limit >= 0 ? "" : text_sql(clock, affinity);
        case TypeKind::int64:
            return number && model::sqlite_storage_of(source) == SqliteStorage::integer ? std::string(k_epoch)
                                                                                        : "";
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return timestamp_sql(clock, source, source.type.kind == TypeKind::timestamp_tz);
        case TypeKind::date:
            return clock.moment == Moment::date ? std::string(k_utc) + "::date" : "";
        case TypeKind::time:
            return clock.moment == Moment::time ? "date_trunc('second', " + std::string(k_utc) + ")::time"
                                                : "";
        case TypeKind::float64:
            return clock.moment == Moment::julian ? "(EXTRACT(EPOCH FROM " + truncated(Moment::julian) +
                                                        ") / 86400 + 2440587.5)::double precision"
                                                  : "";
        default:
            return {};
    }
}

}  // namespace

std::optional<Value> SqliteTranslator::clock(const Expression& e) {
    const std::optional<Clock> clock = clock_of(e);
    if (!clock) {
        return std::nullopt;
    }
    const model::ColumnPair& result = m_context.result;
    if (m_context.use != model::ExpressionUse::default_value || result.source == nullptr ||
        result.target == nullptr) {
        return refuse("the current time where only fixed values may stand");
    }
    if (!clock->why_not.empty()) {
        return refuse(clock->why_not);
    }
    const Affinity affinity = model::affinity_of(result.source->native_type, m_context.strict);
    const bool same = result.source->type.kind == result.target->type.kind;
    Value v;
    v.sql = same ? column_sql(*clock, *result.source, affinity) : "";
    return v.sql.empty() ? refuse("the current time in a column of another type") : v;
}

}  // namespace migrate::backends::postgresql
