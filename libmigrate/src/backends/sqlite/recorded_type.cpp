#include "backends/sqlite/recorded_type.hpp"

#include <string>

#include "backend/stored_form.hpp"
#include "backends/sqlite/column_reading.hpp"

namespace migrate::backends::sqlite {
namespace {

std::string object_of(const Table& table, const Column& column) {
    return "table " + table.name.display() + ", column " + column.name;
}

/// The reading that takes every value as it is stored; empty where there is none but by class. 16 bytes are
/// no text.
std::string stored_form(const ColumnProfile& profile) {
    const std::uint64_t all = profile.values();
    if (profile.texts == all) {
        return profile.broken_texts == 0 ? "text" : "";
    }
    if (profile.integers == all) {
        return "int64";
    }
    if (profile.reals == all) {
        return profile.has_negative_zero ? "" : "float64";
    }
    return profile.integers + profile.reals == all && !profile.has_negative_zero ? "decimal:number" : "";
}

}  // namespace

bool is_citext(const LogicalType& type) {
    return type.kind == TypeKind::opaque &&
           (type.native_name == "citext" || type.native_name.ends_with(".citext"));
}

bool is_outgrown(const backend::ColumnHint& hint, const ColumnProfile& profile) {
    if (hint.from_user || profile.values() == 0) {
        return false;
    }
    const Reading* taken = reading_to_take(profile);
    if (taken == nullptr) {
        // What no reading holds for is read by its storage classes.
        const bool plain_text = hint.type.kind == TypeKind::text && !hint.type.fixed_length;
        return plain_text ? profile.texts != profile.values() : hint.type.kind != TypeKind::variant;
    }
    return taken->origin != Reading::Origin::user && taken->codec.type() != hint.type;
}

void RecordedType::add(const Cell& cell) {
    if (cell.storage == Cell::Class::null) {
        return;
    }
    ColumnVector value(m_codec.type().kind);
    ++m_values;
    m_misfits += m_codec.decode(cell, value) ? 0U : 1U;
}

Finding RecordedType::finding(const Table& table, const Column& column) const {
    const std::string type = to_string(m_codec.type());
    const std::string asked = table.name.name + "." + column.name + "=" + spelling_of(m_codec);
    const auto parsed = parse_logical_type(type);
    const bool can_be_asked = parsed && *parsed == m_codec.type();
    std::string message = "was recorded as " + type + " when it was written here, but ";
    message += m_misfits == 0 ? "its values are spelled otherwise now"
                              : std::to_string(m_misfits) + " of its " + std::to_string(m_values) +
                                    (m_values == 1 ? " value is" : " values are") + " none of that type now";
    return {Severity::risk,
            "recorded-type-dropped",
            object_of(table, column),
            message + "; it is read as " + to_string(column.type),
            !can_be_asked    ? "Mend these values."
            : m_misfits == 0 ? "Ask for the recorded type with --type " + asked + "."
                             : "Mend these values; or keep the type with --type " + asked +
                                   " and say with --on-reject what becomes of the rows that do not fit it.",
            m_misfits};
}

void note_spelling(const Table& table, Column& column, const ColumnProfile& profile, const Reading& reading,
                   std::vector<Finding>& findings) {
    const bool asked = reading.origin == Reading::Origin::user;
    const std::string form = stored_form(profile);
    const TypeKind kind = column.type.kind;
    if (reading.changed > 0 || kind == TypeKind::interval || is_citext(column.type) ||
        (kind == TypeKind::decimal && profile.texts > 0 && column.type.scale < 0)) {
        column.properties[backend::k_many_spellings] = "yes";
    }
    if (!asked && !form.empty() && form != spelling_of(reading.codec)) {
        column.properties[backend::k_stored_as] = form;
    }
    const std::int64_t limit = column.type.kind == TypeKind::text ? column.type.limit : -1;
    if (!asked && limit >= 0 && profile.longest > static_cast<std::uint64_t>(limit)) {
        findings.push_back({Severity::risk, "recorded-type-dropped", object_of(table, column),
                            "was recorded as " + to_string(column.type) +
                                " when it was written here, but its longest value has " +
                                std::to_string(profile.longest) + " characters now; it is read as text",
                            "Mend what is too long, if it is to have its limit again.", 0});
        column.type = TypeKind::text;
    }
    if (reading.changed == 0) {
        return;
    }
    const std::string some =
        std::to_string(reading.changed) + " of " + std::to_string(profile.values()) + " values are ";
    if (asked) {
        findings.push_back({Severity::note, "type-not-reversible", object_of(table, column),
                            some + "read as " + spelling_of(reading.codec) +
                                " as asked for, but would not come back spelled as they are",
                            "", reading.changed});
        return;
    }
    if (!form.empty()) {
        column.properties[backend::k_respelled] = std::to_string(reading.changed);
    }
    findings.push_back({Severity::note, "recorded-type-respelled", object_of(table, column),
                        some + "not spelled as " + to_string(reading.codec.type()) +
                            " was written here, but are values of that type all the same, and are taken so",
                        "", reading.changed});
}

}  // namespace migrate::backends::sqlite
