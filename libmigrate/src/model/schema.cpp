#include <algorithm>
#include <string>
#include <string_view>

#include <migrate/schema.hpp>

#include "util/printable.hpp"

MIGRATE_NAMESPACE_BEGIN

std::string QualifiedName::display() const {
    return schema.empty() ? util::printable(name) : util::printable(schema) + "." + util::printable(name);
}

const Column* Table::find_column(std::string_view column) const noexcept {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [column](const Column& c) { return c.name == column; });
    return found == columns.end() ? nullptr : &*found;
}

const TableOrigin* Table::origin_on(std::string_view engine) const noexcept {
    const auto found = std::find_if(origins.begin(), origins.end(),
                                    [engine](const TableOrigin& o) { return o.engine == engine; });
    return found == origins.end() ? nullptr : &*found;
}

const Table* Schema::find_table(const QualifiedName& name) const noexcept {
    const auto found =
        std::find_if(tables.begin(), tables.end(), [&name](const Table& t) { return t.name == name; });
    return found == tables.end() ? nullptr : &*found;
}

const Schema* Schema::origin_on(std::string_view engine) const noexcept {
    const auto found = std::find_if(origins.begin(), origins.end(),
                                    [engine](const auto& o) { return o != nullptr && o->engine == engine; });
    return found == origins.end() ? nullptr : found->get();
}

std::string_view to_string(ReferenceAction action) noexcept {
    switch (action) {
        case ReferenceAction::no_action:
            return "no_action";
        case ReferenceAction::restrict:
            return "restrict";
        case ReferenceAction::cascade:
            return "cascade";
        case ReferenceAction::set_null:
            return "set_null";
        case ReferenceAction::set_default:
            return "set_default";
    }
    return "no_action";
}

std::string_view to_string(Placement placement) noexcept {
    switch (placement) {
        case Placement::create:
            return "create";
        case Placement::load:
            return "load";
        case Placement::replace:
            return "replace";
    }
    return "create";
}

std::string_view to_string(IdentityValue::Kind kind) noexcept {
    switch (kind) {
        case IdentityValue::Kind::rowid:
            return "rowid";
        case IdentityValue::Kind::autoincrement:
            return "autoincrement";
        case IdentityValue::Kind::by_default:
            return "by_default";
        case IdentityValue::Kind::always:
            return "always";
        case IdentityValue::Kind::serial:
            return "serial";
    }
    return "by_default";
}

MIGRATE_NAMESPACE_END
