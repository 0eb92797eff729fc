#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/object_kind.hpp"
#include "backends/postgresql/staging_names.hpp"

namespace migrate::backends::postgresql {
namespace {

std::string property_of(const SchemaObject& object, const char* name) {
    const auto found = object.properties.find(name);
    return found == object.properties.end() ? std::string() : found->second;
}

bool is_about_code(const std::string& kind) {
    constexpr std::array<std::string_view, 2> k_on_tables{"trigger", "rule"};
    return std::find(k_on_tables.begin(), k_on_tables.end(), kind) != k_on_tables.end();
}

}  // namespace

std::optional<std::string> Adopter::code_role(const std::string& owner) const {
    if (!m_facts.superuser) {
        return std::string();
    }
    const auto role = m_facts.roles.find(owner);
    if (role != m_facts.roles.end() && !role->second.superuser) {
        return owner;
    }
    return m_options.own_code ? std::optional(std::string()) : std::nullopt;
}

std::string Adopter::owner_of(const QualifiedName& table) const {
    for (const SchemaObject& object : recorded_objects()) {
        if (object.kind == "owner" && object.name.schema == table.schema && object.table == table.name) {
            return parse_name(property_of(object, property::k_roles)).name;
        }
    }
    return "of the table";
}

bool Adopter::has_roles(const SchemaObject& object) {
    bool all = true;
    for (const std::string& quoted : split_names(property_of(object, property::k_roles))) {
        const std::string name = parse_name(quoted).name;
        const auto role = m_facts.roles.find(name);
        const bool usable = role != m_facts.roles.end() &&
                            (object.kind != "owner" || m_facts.superuser || role->second.member);
        if (!usable) {
            ++m_missing_roles[name];
            all = false;
        }
    }
    if (!all && !is_detail(object)) {
        SchemaObject left = object;
        left.reason = "A role that it names is not there.";
        leave_object_out(left);
    }
    return all;
}

void Adopter::adopt_detail(const SchemaObject& detail) {
    if (is_skipped(detail.kind)) {
        ++m_details_skipped[detail.kind];
        return;
    }
    const std::string kind = property_of(detail, property::k_about_kind);
    if (kind == "schema" && m_facts.schemas.contains(property_of(detail, property::k_about))) {
        keep_schema(detail);
        return;
    }
    // What describes an object, or a part of a table, that is listed as left out goes with it.
    if (is_about_code(kind) && !m_options.with_code) {
        return;
    }
    if (is_about_something_here(detail)) {
        if (has_what_it_needs(detail) && has_roles(detail)) {
            m_adoption.schema.objects.push_back(detail);
        }
        return;
    }
    // A table that is there goes by another name.
    if (!detail.table.empty() && !is_about_code(kind) && !told_before(detail)) {
        m_details_left_out.push_back(fmt::format("{} {}", detail.kind, detail.name.display()));
    }
}

void Adopter::keep_schema(const SchemaObject& detail) {
    if (!m_facts.said_of_schemas.contains(detail.native_sql)) {
        m_schemas_kept[property_of(detail, property::k_about)].push_back(
            detail.kind == "comment" ? "its comment" : detail.native_sql);
    }
}

void Adopter::report_schemas_kept() {
    for (const auto& [schema, statements] : m_schemas_kept) {
        std::string list;
        for (const std::string& statement : statements) {
            list += (list.empty() ? "" : "; ") + statement;
        }
        note(Severity::note, "schema-kept", "schema " + schema,
             fmt::format("It is there, and keeps what it has; not taken over from the source: {}.", list),
             "Run what of it is wanted by hand.", statements.size());
    }
}

void Adopter::report_missing_roles() {
    for (const auto& [role, count] : m_missing_roles) {
        const bool there = m_facts.roles.contains(role);
        note(Severity::left_out, "role-missing", "role " + role,
             there
                 ? fmt::format("The role {} may not give things to it: {} statements are left out.",
                               m_facts.role, count)
                 : fmt::format(
                       "There is no such role: {} owners, privileges or policies that name it are left out.",
                       count),
             there ? fmt::format("GRANT {} TO {}.", quote_identifier(role), quote_identifier(m_facts.role))
                   : "Create it first, or use --skip owners,privileges.",
             count);
    }
}

void Adopter::report_details_left_out() {
    if (m_details_left_out.empty()) {
        return;
    }
    std::string list;
    for (const std::string& name : m_details_left_out) {
        list += (list.empty() ? "" : "; ") + name;
    }
    note(Severity::left_out, "details-left-out", "renamed tables",
         fmt::format("What describes tables that have another name here is not restored: {}.", list), "",
         m_details_left_out.size());
}

void Adopter::adopt_details() {
    for (const SchemaObject& object : recorded_objects()) {
        if (is_detail(object) && !leave_forged_out(object)) {
            adopt_detail(object);
        }
    }
    for (const auto& [kind, count] : m_details_skipped) {
        note(Severity::excluded, kind + "-left-out", fmt::format("{} {}s", count, kind), "Left out as asked.",
             "", count);
    }
    report_missing_roles();
    report_details_left_out();
    report_schemas_kept();
}

void Adopter::adopt_calling(SchemaObject object, const Table& table) {
    object.properties[property::k_calls_code] = "yes";
    object.properties[property::k_owner] = owner_of(table.name);
    const std::size_t said = m_adoption.findings.size();
    // The server keeps functions in indexes from taking the superuser back (RESET ROLE); those in checks it
    // does not.
    if (m_options.with_code && !m_options.own_code && m_facts.superuser && object.kind != "index") {
        object.reason =
            "It calls functions of the database's own on every row, which a superuser never does.";
        leave_object_out(object);
    } else {
        adopt_code(std::move(object), told_before_of_all());
    }
    for (std::size_t i = said; i < m_adoption.findings.size(); ++i) {
        m_adoption.findings[i].definition_of = table.name;
    }
}

}  // namespace migrate::backends::postgresql
