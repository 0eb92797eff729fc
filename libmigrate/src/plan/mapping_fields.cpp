#include "plan/mapping_fields.hpp"

MIGRATE_NAMESPACE_BEGIN

std::string_view spelling_of(MappingValue::Kind kind) {
    switch (kind) {
        case MappingValue::Kind::absent:
            return "absent";
        case MappingValue::Kind::null:
            return "null";
        case MappingValue::Kind::boolean:
            return "boolean";
        case MappingValue::Kind::number:
            return "number";
        case MappingValue::Kind::text:
            return "text";
    }
    return {};
}

bool parse_spelling(std::string_view text, MappingValue::Kind& kind) {
    using Kind = MappingValue::Kind;
    for (const Kind one : {Kind::absent, Kind::null, Kind::boolean, Kind::number, Kind::text}) {
        if (spelling_of(one) == text) {
            kind = one;
            return true;
        }
    }
    return false;
}

std::string_view spelling_of(UnmappedValue handling) {
    switch (handling) {
        case UnmappedValue::reject:
            return "reject";
        case UnmappedValue::keep:
            return "keep";
        case UnmappedValue::set:
            return "set";
    }
    return {};
}

bool parse_spelling(std::string_view text, UnmappedValue& handling) {
    for (const UnmappedValue one : {UnmappedValue::reject, UnmappedValue::keep, UnmappedValue::set}) {
        if (spelling_of(one) == text) {
            handling = one;
            return true;
        }
    }
    return false;
}

MIGRATE_NAMESPACE_END
