#include "plan/schema_fields.hpp"

#include <rapidjson/error/en.h>

MIGRATE_NAMESPACE_BEGIN
namespace {

template <class T, std::size_t N>
bool parse_among(std::string_view text, const T (&values)[N], T& out) {
    for (const T value : values) {
        if (spelling_of(value) == text) {
            out = value;
            return true;
        }
    }
    return false;
}

}  // namespace

bool parse_spelling(std::string_view text, TypeKind& kind) {
    const auto parsed = parse_type_kind(text);
    kind = parsed.value_or(kind);
    return parsed.has_value();
}

bool parse_spelling(std::string_view text, IdentityValue::Kind& kind) {
    using enum IdentityValue::Kind;
    static constexpr IdentityValue::Kind k_all[] = {rowid, autoincrement, by_default, always, serial};
    return parse_among(text, k_all, kind);
}

bool parse_spelling(std::string_view text, ReferenceAction& action) {
    using enum ReferenceAction;
    static constexpr ReferenceAction k_all[] = {no_action, restrict, cascade, set_null, set_default};
    return parse_among(text, k_all, action);
}

std::string_view spelling_of(TableRole role) {
    return role == TableRole::shape ? "shape" : "data";
}

bool parse_spelling(std::string_view text, Placement& placement) {
    static constexpr Placement k_all[] = {Placement::create, Placement::load, Placement::replace};
    return parse_among(text, k_all, placement);
}

bool parse_spelling(std::string_view text, TableRole& role) {
    static constexpr TableRole k_all[] = {TableRole::data, TableRole::shape};
    return parse_among(text, k_all, role);
}

MIGRATE_NAMESPACE_END

namespace migrate::plan {

void parse_object(const std::string& json, const char* what, rapidjson::Document& document) {
    document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
    if (document.HasParseError()) {
        throw Error(ErrorCode::malformed, std::string(what) + " is not valid JSON at byte " +
                                              std::to_string(document.GetErrorOffset()) + ": " +
                                              rapidjson::GetParseError_En(document.GetParseError()));
    }
    if (!document.IsObject()) {
        throw Error(ErrorCode::malformed, std::string(what) + " is not a JSON object");
    }
}

}  // namespace migrate::plan
