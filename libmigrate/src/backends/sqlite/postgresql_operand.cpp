#include <array>
#include <utility>

#include "backends/sqlite/postgresql_translator.hpp"
#include "model/expression_printer.hpp"
#include "model/sqlite_storage.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"
#include "util/hex.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::sqlite {

namespace {

using model::SqliteStorage;

Held held_of(const Column& target) {
    const SqliteStorage storage = model::sqlite_storage_of(target);
    const bool plain = target.format.empty();
    switch (target.type.kind) {
        case TypeKind::boolean:
            return storage == SqliteStorage::integer ? Held::truth : Held::special;
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return storage == SqliteStorage::integer ? Held::integer : Held::special;
        case TypeKind::float32:
        case TypeKind::float64:
            // Only this affinity turns the text of minus zero into a number.
            return plain && model::affinity_of(target.native_type) == model::Affinity::real ? Held::real
                                                                                            : Held::special;
        case TypeKind::decimal:
            return plain ? Held::decimal : Held::special;
        case TypeKind::text:
            return plain && !target.type.fixed_length ? Held::text : Held::special;
        case TypeKind::enumeration:
            return Held::label;
        case TypeKind::uuid:
            return plain ? Held::uuid : Held::special;
        case TypeKind::bytes:
            return storage == SqliteStorage::blob ? Held::blob : Held::special;
        case TypeKind::date:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return plain ? Held::moment : Held::special;
        case TypeKind::time:
            return plain ? Held::clock : Held::special;
        default:
            return Held::special;
    }
}

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

std::optional<bool> boolean_of(std::string_view text) {
    const std::string lower = util::lower_ascii(util::trim(text));
    for (const std::string_view word : {"t", "true", "y", "yes", "on", "1"}) {
        if (lower == word) {
            return true;
        }
    }
    for (const std::string_view word : {"f", "false", "n", "no", "off", "0"}) {
        if (lower == word) {
            return false;
        }
    }
    return std::nullopt;
}

// The canonical text of a moment, time or UUID.
bool canonical(const std::string& text, TypeKind kind, std::string& out) {
    std::int64_t number = 0;
    std::string bytes;
    switch (kind) {
        case TypeKind::date:
            return model::read_date(text, number) && (model::append_date(number, out), true);
        case TypeKind::time:
            return model::read_time(text, number) && (model::append_time(number, out), true);
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz: {
            const bool zone = kind == TypeKind::timestamp_tz;
            const std::string whole = !zone && text.size() == 10 ? text + " 00:00:00" : text;
            return model::read_timestamp(whole, zone, number) &&
                   (model::append_timestamp(number, 'T', zone, out), true);
        }
        case TypeKind::uuid:
            return model::read_uuid(text, bytes) && (model::append_uuid(bytes, out), true);
        default:
            return false;
    }
}

Said number_literal(std::string text, TypeKind kind) {
    Said v;
    v.held = Held::number;
    v.kind = kind;
    v.sql = text.starts_with('-') ? "(" + text + ")" : text;
    v.literal = std::move(text);
    return v;
}

}  // namespace

std::string quote(std::string_view text) {
    return model::quote_text(text, Dialect::sqlite);
}

std::optional<TypeKind> kind_of_type(const TypeName& type) {
    static constexpr std::array<std::pair<std::string_view, TypeKind>, 19> k_types = {{
        {"boolean", TypeKind::boolean},
        {"smallint", TypeKind::int16},
        {"integer", TypeKind::int32},
        {"bigint", TypeKind::int64},
        {"real", TypeKind::float32},
        {"double precision", TypeKind::float64},
        {"numeric", TypeKind::decimal},
        {"text", TypeKind::text},
        {"character varying", TypeKind::text},
        {"bytea", TypeKind::bytes},
        {"date", TypeKind::date},
        {"time without time zone", TypeKind::time},
        {"timestamp without time zone", TypeKind::timestamp},
        {"timestamp with time zone", TypeKind::timestamp_tz},
        {"uuid", TypeKind::uuid},
        {"json", TypeKind::json},
        {"jsonb", TypeKind::jsonb},
        {"interval", TypeKind::interval},
        {"character", TypeKind::opaque},
    }};
    if (type.schema.empty() && type.array_dimensions == 0) {
        for (const auto& [name, kind] : k_types) {
            if (type.name == name) {
                return kind;
            }
        }
    }
    return std::nullopt;
}

Said PostgresqlTranslator::column(const Expression& e) {
    const std::optional<model::ColumnPair> pair = m_context.column ? m_context.column(e->text) : std::nullopt;
    if (!pair || pair->source == nullptr || pair->target == nullptr) {
        return refuse("it names what is no column here");
    }
    Said v;
    v.sql = model::quote_name(pair->target->name);
    v.kind = pair->source->type.kind;
    v.source = pair->source;
    v.held = pair->source->type.kind == pair->target->type.kind ? held_of(*pair->target) : Held::special;
    if (pair->source->type.fixed_length) {
        v.held = Held::special;
    }
    v.collation = pair->source->collation;
    v.folds =
        !pair->target->collation.empty() && !util::equals_ignore_case(pair->target->collation, "binary");
    return v;
}

Said PostgresqlTranslator::literal(const Expression& e) {
    Said v;
    switch (e.kind()) {
        case ExpressionKind::null_literal:
            v.sql = "NULL";
            return v;
        case ExpressionKind::boolean_literal:
            v = truth(e->text == "true" ? "1" : "0");
            v.literal = v.sql;
            return v;
        case ExpressionKind::integer_literal:
            v.held = Held::integer;
            v.kind = TypeKind::int64;
            v.sql = e->text;
            v.literal = e->text;
            return v;
        case ExpressionKind::real_literal:
            return number_literal(e->text, TypeKind::decimal);
        case ExpressionKind::string_literal:
            v.held = Held::text;
            v.sql = quote(e->text);
            v.literal = e->text;
            v.unknown = true;
            return v;
        default:
            return refuse("a literal of another engine");
    }
}

Said PostgresqlTranslator::typed_literal(const std::string& text, TypeKind kind) {
    Said v;
    v.kind = kind;
    if (kind == TypeKind::boolean) {
        const std::optional<bool> value = boolean_of(text);
        v = truth(value && *value ? "1" : "0");
        v.literal = v.sql;
        return value ? v : refuse("a literal that is no boolean");
    }
    std::int64_t number = 0;
    if (is_integer(kind) && model::read_int64(text, number)) {
        v.held = Held::integer;
        v.literal = std::to_string(number);
        v.sql = number < 0 ? "(" + *v.literal + ")" : *v.literal;
        return v;
    }
    if ((kind == TypeKind::decimal || kind == TypeKind::float64) && model::looks_numeric(text)) {
        return number_literal(std::string(util::trim(text)), kind);
    }
    if (kind == TypeKind::bytes && text.starts_with("\\x")) {
        std::string bytes;
        v.held = Held::blob;
        v.sql = "x'" + text.substr(2) + "'";
        v.literal = text.substr(2);
        return util::read_hex(text.substr(2), bytes) ? v : refuse("a literal that is no bytea");
    }
    if (kind == TypeKind::text || kind == TypeKind::json || kind == TypeKind::jsonb) {
        v.held = kind == TypeKind::text ? Held::text : Held::special;
        v.literal = text;
        v.sql = quote(text);
        return v;
    }
    std::string canonical_text;
    if (!canonical(text, kind, canonical_text)) {
        return refuse("a literal of a type that SQLite holds in another form");
    }
    v.held = kind == TypeKind::uuid ? Held::uuid : kind == TypeKind::time ? Held::clock : Held::moment;
    v.sql = quote(canonical_text);
    v.literal = canonical_text;
    return v;
}

Said PostgresqlTranslator::cast(const Expression& e) {
    return cast_value(value(e.child(0)), e->type);
}

Said PostgresqlTranslator::cast_value(const Said& v, const TypeName& type) {
    if (refused() || v.held == Held::null) {
        return v;
    }
    const std::optional<TypeKind> kind = kind_of_type(type);
    if (!kind) {
        // An enumeration's label, most often; it is only ever compared with a column of labels.
        if (!v.literal || v.held != Held::text || type.array_dimensions > 0 || type.name == "regclass") {
            return refuse("a cast to a type that SQLite does not have");
        }
        Said label = v;
        label.held = Held::label;
        label.unknown = false;
        label.kind = TypeKind::enumeration;
        return label;
    }
    if (*kind == TypeKind::text) {
        return cast_text(v, type);
    }
    if (v.literal && v.held == Held::text) {
        return type.arguments.empty() ? typed_literal(*v.literal, *kind) : refuse("a cast that rounds");
    }
    const bool exact = is_integer(*kind) || (*kind == TypeKind::decimal && type.arguments.empty());
    if (v.held == Held::integer && exact) {
        Said out = v;
        out.kind = *kind;
        out.numeric = *kind == TypeKind::decimal && !v.literal;
        return is_integer(*kind) && v.numeric ? refuse("a cast that rounds") : out;
    }
    if ((v.held == Held::number || (v.held == Held::integer && v.literal)) &&
        (*kind == TypeKind::float64 || exact) && !(v.held == Held::number && is_integer(*kind))) {
        Said out = number_literal(*v.literal, *kind);
        return out;
    }
    if (v.held == Held::integer && *kind == TypeKind::float64) {
        Said out;
        out.held = Held::real;
        out.kind = *kind;
        out.sql = "CAST(" + v.sql + " AS REAL)";
        return out;
    }
    if (v.held == Held::truth && *kind == TypeKind::int32) {
        Said out = v;
        out.held = Held::integer;
        out.kind = *kind;
        return out;
    }
    if (v.kind == *kind && type.arguments.empty()) {
        return v;
    }
    return refuse("this cast is not the same in SQLite");
}

Said PostgresqlTranslator::cast_text(const Said& v, const TypeName& type) {
    Said out = v;
    out.held = Held::text;
    out.kind = TypeKind::text;
    out.unknown = false;
    if (!type.arguments.empty()) {
        std::int64_t limit = 0;
        const bool fits = model::read_int64(type.arguments[0], limit) && v.literal && v.held == Held::text &&
                          static_cast<std::int64_t>(util::count_utf8(*v.literal)) <= limit;
        return fits ? out : refuse("a cast that cuts off");
    }
    if (v.held == Held::text || v.held == Held::uuid || (v.held == Held::label && !v.literal)) {
        return out;
    }
    out.source = nullptr;
    out.literal.reset();
    if (v.held == Held::integer && !v.numeric) {
        out.sql = "CAST(" + v.sql + " AS TEXT)";
        return out;
    }
    if (v.held == Held::truth) {
        out.sql = "(CASE " + v.sql + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)";
        return out;
    }
    return refuse("the text of this value is not the same in SQLite");
}

}  // namespace migrate::backends::sqlite
