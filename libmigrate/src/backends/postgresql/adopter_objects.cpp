#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "backend/kept_code.hpp"
#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/object_kind.hpp"
#include "backends/postgresql/recorded_statement.hpp"
#include "backends/postgresql/staging_names.hpp"

namespace migrate::backends::postgresql {
namespace {

std::string stable_code(const std::string& kind) {
    std::string code = kind;
    std::replace(code.begin(), code.end(), ' ', '-');
    return code + "-left-out";
}

/// A partition of a partition comes after its parent, however they were made at the source.
void sort_partitions(std::vector<SchemaObject>& objects) {
    std::map<QualifiedName, QualifiedName> parents;
    for (const SchemaObject& object : objects) {
        if (object.kind == "partition") {
            parents[object.name] = parse_name(object.table);
        }
    }
    const auto depth = [&](const SchemaObject& object) {
        std::size_t levels = 0;
        for (auto at = parents.find(object.name); at != parents.end(); at = parents.find(at->second)) {
            ++levels;
        }
        return levels;
    };
    std::stable_sort(objects.begin(), objects.end(),
                     [&](const SchemaObject& a, const SchemaObject& b) { return depth(a) < depth(b); });
}

/// A function of that name which the target has already is not the source's to replace.
void create_only(SchemaObject& object) {
    constexpr std::string_view k_replace = "CREATE OR REPLACE ";
    if (object.native_sql.starts_with(k_replace)) {
        object.native_sql = "CREATE " + object.native_sql.substr(k_replace.size());
    }
}

}  // namespace

bool Adopter::is_skipped(const std::string& kind) const {
    const auto& kinds = m_options.skip_kinds;
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool Adopter::has_table(const QualifiedName& name) const {
    return std::any_of(m_source.tables.begin(), m_source.tables.end(), [&](const Table& table) {
        return table.name.name == name.name &&
               (table.name.schema.empty() ? m_default_schema : table.name.schema) == name.schema;
    });
}

bool Adopter::is_rooted(const SchemaObject& partition) const {
    QualifiedName parent = parse_name(partition.table);
    const auto& objects = recorded_objects();
    for (std::size_t levels = 0; levels <= objects.size() && !has_table(parent); ++levels) {
        const auto above = std::find_if(objects.begin(), objects.end(), [&](const SchemaObject& object) {
            return object.kind == "partition" && object.name == parent;
        });
        if (above == objects.end()) {
            return false;
        }
        parent = parse_name(above->table);
    }
    return has_table(parent);
}

const std::vector<SchemaObject>& Adopter::recorded_objects() const {
    static const std::vector<SchemaObject> k_none;
    const Schema* origin = same_engine() ? &m_source : m_source.origin_on("postgresql");
    return origin == nullptr ? k_none : origin->objects;
}

bool Adopter::told_before(const SchemaObject& object) const {
    return !same_engine() && !backend::is_kept(object);
}

bool Adopter::told_before_of_all() const {
    const auto& objects = recorded_objects();
    return !same_engine() && std::none_of(objects.begin(), objects.end(), backend::is_kept);
}

bool Adopter::leave_forged_out(const SchemaObject& object) {
    if (same_engine() || object.native_sql.empty() || is_statement_of_kind(object)) {
        return false;
    }
    SchemaObject left = object;
    left.reason = "What the record gives as its definition is another statement, which is not run.";
    leave_object_out(left);
    return true;
}

void Adopter::leave_object_out(const SchemaObject& object) {
    leave_object_out(object, backend::is_kept(object) ? "postgresql" : m_source.engine);
}

void Adopter::leave_object_out(const SchemaObject& object, const std::string& engine) {
    std::string why = object.reason;
    const bool same = engine == "postgresql";
    const bool code = is_code(object) && same;
    if (why.empty() && object.kind == "trigger" && !same) {
        why =
            "Its statements are of another engine: PostgreSQL's triggers call functions, which have to be "
            "written anew.";
    }
    if (why.empty()) {
        why = code ? "Code of the source is only run where that is asked for."
                   : fmt::format("A {} of {} has no equal here.", object.kind, engine);
    }
    note(is_skipped(object.kind) ? Severity::excluded : Severity::left_out, stable_code(object.kind),
         fmt::format("{} {}{}", object.kind, object.name.display(),
                     object.table.empty() ? "" : " on " + object.table),
         why,
         code && object.reason.empty() ? "--with-code recreates it, or create it by hand."
                                       : "Create it by hand.");
}

void Adopter::adopt_extension(const SchemaObject& object) {
    if (m_facts.extensions.contains(object.name.name)) {
        return;
    }
    if (m_facts.creatable.contains(object.name.name)) {
        m_adoption.schema.objects.push_back(object);
        return;
    }
    SchemaObject left = object;
    left.reason = "The target's server does not have this extension, or the role may not create it.";
    leave_object_out(left);
}

void Adopter::adopt_code(SchemaObject object, bool told_before) {
    if (!m_options.with_code) {
        if (!told_before) {
            leave_object_out(object);
        }
        return;
    }
    const auto owner = object.properties.find(property::k_owner);
    const std::string owner_name = owner == object.properties.end() ? std::string() : owner->second;
    const auto role = code_role(owner_name);
    if (!role) {
        object.reason = fmt::format(
            "Code is never created by a superuser, and its owner {} is one or is not there. A role that is "
            "no "
            "superuser makes it.",
            owner_name);
        leave_object_out(object);
        return;
    }
    object.properties[property::k_run_as] = *role;
    create_only(object);
    m_adoption.schema.objects.push_back(std::move(object));
}

void Adopter::adopt_object(const SchemaObject& object, bool told_before) {
    if (object.kind == "extension") {
        adopt_extension(object);
    } else if (is_detail(object) || has_lost_its_table(object)) {
        return;
    } else if (is_skipped(object.kind) || object.native_sql.empty()) {
        if (!told_before) {
            leave_object_out(object);
        }
    } else if (object.kind == "schema") {
        if (!m_facts.schemas.contains(object.name.name)) {
            m_adoption.schema.objects.push_back(object);
        }
    } else if (object.kind == "partition") {
        if (is_rooted(object)) {
            m_adoption.schema.objects.push_back(object);
        }
    } else if (is_staged_kind(object.kind) && object.properties.contains(property::k_calls_code)) {
        SchemaObject left = object;
        left.reason = "Its checks call functions of the database's own.";
        leave_object_out(left);
    } else if (is_code(object)) {
        adopt_code(object, told_before);
    } else if (is_staged_kind(object.kind) || is_structure_kind(object.kind)) {
        if (has_roles(object)) {
            m_adoption.schema.objects.push_back(object);
        }
    } else if (!told_before) {
        leave_object_out(object);
    }
}

void Adopter::adopt_objects() {
    for (const SchemaObject& object : recorded_objects()) {
        if (is_detail(object) || !leave_forged_out(object)) {
            adopt_object(object, told_before(object));
        }
    }
    sort_partitions(m_adoption.schema.objects);
    if (!same_engine()) {
        for (const SchemaObject& object : m_source.objects) {
            if (object.kind != "view" || m_source.engine != "sqlite") {
                leave_object_out(object);
            }
        }
    }
    leave_kept_out();
}

void Adopter::leave_kept_out() {
    for (const backend::KeptObject& kept : backend::kept_of_others(m_source, "postgresql")) {
        SchemaObject object = *kept.object;
        if (is_detail(object)) {
            continue;
        }
        if (object.kind == "view") {
            object.reason =
                fmt::format("A view of {} is translated where it is, not from its text.", kept.engine);
        }
        leave_object_out(object, kept.engine);
    }
}

}  // namespace migrate::backends::postgresql
