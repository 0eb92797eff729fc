#include <array>

#include "backends/sqlite/postgresql_translator.hpp"
#include "model/sqlite_storage.hpp"
#include "model/value_text.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::sqlite {

namespace {

// What gen_random_uuid() gives: random but for version 4 and variant 1.
constexpr std::string_view k_random_uuid =
    "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' "
    "|| "
    "substr('89ab', (random() & 3) + 1, 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))";

enum class Moment : std::uint8_t { none, instant, utc, local, local_date };

bool is_text(const Expression& e, std::string_view text) {
    if (e.is(ExpressionKind::cast) && e->type.name == "text") {
        return is_text(e.child(0), text);
    }
    return e.is(ExpressionKind::string_literal) && e->text == text;
}

bool is_utc(const Expression& e) {
    return is_text(e, "utc") || is_text(e, "UTC") || is_text(e, "Etc/UTC");
}

// now() and its kin; ('now'::text)::timestamp with time zone is how older servers keep them.
Moment moment_of(const Expression& e) {
    if (e.is(ExpressionKind::keyword_value)) {
        return e->text == "current_timestamp" ? Moment::instant
               : e->text == "localtimestamp"  ? Moment::local
               : e->text == "current_date"    ? Moment::local_date
                                              : Moment::none;
    }
    if (e.is(ExpressionKind::function) && e.children().empty() && e->qualifier.empty()) {
        static constexpr std::array<std::string_view, 4> k_names = {"now", "transaction_timestamp",
                                                                    "statement_timestamp", "clock_timestamp"};
        for (const std::string_view name : k_names) {
            if (e->text == name) {
                return Moment::instant;
            }
        }
        return Moment::none;
    }
    const bool zoned = e.is(ExpressionKind::function) && e->text == "timezone" && e.children().size() == 2;
    if (zoned || e.is(ExpressionKind::binary, Operator::at_time_zone)) {
        const Expression& zone = e.child(zoned ? 0 : 1);
        return is_utc(zone) && moment_of(e.child(zoned ? 1 : 0)) == Moment::instant ? Moment::utc
                                                                                    : Moment::none;
    }
    if (e.is(ExpressionKind::cast)) {
        const Moment inner = is_text(e.child(0), "now") ? Moment::instant : moment_of(e.child(0));
        const auto kind = kind_of_type(e->type);
        if (inner == Moment::instant && kind == TypeKind::timestamp) {
            return Moment::local;
        }
        if ((inner == Moment::instant || inner == Moment::local) && kind == TypeKind::date) {
            return Moment::local_date;
        }
        return kind == TypeKind::timestamp_tz || (inner == Moment::utc && kind == TypeKind::timestamp)
                   ? inner
                   : Moment::none;
    }
    return Moment::none;
}

bool is_utc_zone(std::string_view zone) {
    return zone == "UTC" || zone == "Etc/UTC" || zone == "GMT" || zone == "Etc/GMT" || zone == "Zulu";
}

// Decimals as the column holds them: with its scale.
std::optional<std::string> decimal_text(const std::string& literal, const LogicalType& type) {
    std::string numeric;
    if (!model::read_decimal(literal, numeric)) {
        return std::nullopt;
    }
    if (type.precision >= 0 &&
        !model::fit_decimal(type.precision, type.scale, numeric.data(), numeric.size())) {
        return std::nullopt;
    }
    std::string text;
    model::append_decimal(numeric, text);
    return text;
}

bool is_plain_json(std::string_view text) {
    return text == "{}" || text == "[]" || text == "null" || text == "true" || text == "false" ||
           text == "\"\"";
}

}  // namespace

std::optional<std::string> PostgresqlTranslator::clock(const Expression& e) {
    const Column* target = m_context.result.target;
    const Column* source = m_context.result.source;
    const bool uuid = e.is(ExpressionKind::function) && e.children().empty() &&
                      (e->text == "gen_random_uuid" || e->text == "uuid_generate_v4");
    const Moment moment = moment_of(e);
    if (!uuid && moment == Moment::none) {
        return std::nullopt;
    }
    if (m_context.use != model::ExpressionUse::default_value || target == nullptr || source == nullptr ||
        source->type.kind != target->type.kind) {
        return refuse("a changing value in a column that has another type in SQLite").sql;
    }
    const bool plain = target->format.empty();
    const TypeKind kind = target->type.kind;
    if (uuid) {
        return kind == TypeKind::uuid && plain
                   ? std::string(k_random_uuid)
                   : refuse("a random UUID in a column that holds it in another form").sql;
    }
    if (!plain || (kind != TypeKind::timestamp && kind != TypeKind::timestamp_tz && kind != TypeKind::date)) {
        return refuse("the current time in a column that holds it in another form").sql;
    }
    if (kind == TypeKind::timestamp_tz && moment == Moment::instant) {
        return "(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')";
    }
    if (kind == TypeKind::timestamp_tz || (moment != Moment::utc && !is_utc_zone(m_context.time_zone))) {
        return refuse("the current time of the session's time zone, which SQLite does not know").sql;
    }
    if (kind == TypeKind::date) {
        return "(date('now'))";
    }
    return moment == Moment::local_date ? "(strftime('%Y-%m-%dT00:00:00.000000', 'now'))"
                                        : "(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000')";
}

std::string PostgresqlTranslator::assign_literal(const Said& given) {
    const std::string why = "it gives what SQLite holds in another form";
    const Column& target = *m_context.result.target;
    const LogicalType& type = target.type;
    Said v = given;
    if (v.unknown && type.kind != TypeKind::text && type.kind != TypeKind::enumeration &&
        type.kind != TypeKind::decimal) {
        v = typed_literal(*given.literal, type.kind);
    }
    if (!target.format.empty() || refused()) {
        return refuse(why).sql;
    }
    const bool number = v.held == Held::integer || v.held == Held::number;
    switch (type.kind) {
        case TypeKind::boolean:
            return v.held == Held::truth ? v.sql : refuse(why).sql;
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return v.held == Held::integer ? v.sql : refuse(why).sql;
        case TypeKind::float64:
            return number && model::is_portable_real(*v.literal) ? v.sql : refuse(why).sql;
        case TypeKind::decimal: {
            const std::optional<std::string> text =
                number || v.unknown ? decimal_text(*v.literal, type) : std::nullopt;
            return text ? quote(*text) : refuse(why).sql;
        }
        case TypeKind::text: {
            const bool fits =
                (v.held == Held::text || v.held == Held::label) && !type.fixed_length &&
                (type.limit < 0 || static_cast<std::int64_t>(util::count_utf8(*v.literal)) <= type.limit);
            return fits ? quote(*v.literal) : refuse(why).sql;
        }
        case TypeKind::enumeration:
            return v.held == Held::label || v.unknown ? quote(*v.literal) : refuse(why).sql;
        case TypeKind::json:
            return v.kind == TypeKind::json ? quote(*v.literal) : refuse(why).sql;
        case TypeKind::jsonb:
            return v.kind == TypeKind::jsonb && is_plain_json(*v.literal) ? quote(*v.literal)
                                                                          : refuse(why).sql;
        default:
            return v.kind == type.kind && v.held != Held::special && v.held != Held::label ? v.sql
                                                                                           : refuse(why).sql;
    }
}

std::string PostgresqlTranslator::assign(const Said& v) {
    const Column* target = m_context.result.target;
    const Column* source = m_context.result.source;
    if (refused() || v.held == Held::null) {
        return "NULL";
    }
    if (target == nullptr || source == nullptr || source->type.kind != target->type.kind) {
        return refuse("the column has another type in SQLite").sql;
    }
    if (v.literal) {
        return assign_literal(v);
    }
    const bool limited = target->type.limit >= 0 || target->type.fixed_length;
    const TypeKind kind = target->type.kind;
    const bool integer = kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
    const bool fits =
        target->format.empty() && ((kind == TypeKind::boolean && v.held == Held::truth) ||
                                   (integer && v.held == Held::integer && !v.numeric) ||
                                   (kind == TypeKind::text && v.held == Held::text && !limited) ||
                                   (kind == TypeKind::bytes && v.held == Held::blob));
    return fits ? v.sql : refuse("it gives what SQLite holds in another form").sql;
}

}  // namespace migrate::backends::sqlite
