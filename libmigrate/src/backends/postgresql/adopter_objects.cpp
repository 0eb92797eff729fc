#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/staging_names.hpp"

namespace migrate::backends::postgresql {
namespace {

bool is_code(const std::string& kind) {
    return kind == "view" || kind == "materialized view" || kind == "function" || kind == "procedure" ||
           kind == "trigger" || kind == "rule" || kind == "aggregate" || kind == "policy";
}

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

}  // namespace

void Adopter::leave_object_out(const SchemaObject& object) {
    const bool excluded = std::find(m_options.skip_kinds.begin(), m_options.skip_kinds.end(), object.kind) !=
                          m_options.skip_kinds.end();
    std::string why = object.reason;
    if (why.empty()) {
        why = is_code(object.kind) && same_engine()
                  ? "Code of the source is only run where that is asked for."
                  : fmt::format("A {} of {} has no equal here.", object.kind, m_source.engine);
    }
    note(excluded ? Severity::excluded : Severity::left_out, stable_code(object.kind),
         fmt::format("{} {}{}", object.kind, object.name.display(),
                     object.table.empty() ? "" : " on " + object.table),
         why,
         is_code(object.kind) && same_engine() ? "--with-code recreates it, or create it by hand."
                                               : "Create it by hand.");
}

void Adopter::adopt_objects() {
    auto& kept = m_adoption.schema.objects;
    if (same_engine()) {
        for (const SchemaObject& object : m_source.objects) {
            const bool skipped = std::find(m_options.skip_kinds.begin(), m_options.skip_kinds.end(),
                                           object.kind) != m_options.skip_kinds.end();
            const bool plain = is_type_kind(object.kind) || object.kind == "sequence" ||
                               object.kind == "partition" || object.kind == "exclusion constraint";
            const bool code = is_code(object.kind) && m_options.with_code;
            if (object.kind == "extension") {
                if (!m_types.contains("extension " + object.name.name)) {
                    leave_object_out(object);
                }
            } else if (!skipped && !object.native_sql.empty() && (plain || code)) {
                kept.push_back(object);
            } else {
                leave_object_out(object);
            }
        }
        sort_partitions(kept);
        return;
    }
    // Types that columns had before they left PostgreSQL, and sequences that defaults use.
    if (const Schema* origin = m_source.origin_on("postgresql")) {
        for (const SchemaObject& object : origin->objects) {
            if ((is_type_kind(object.kind) || object.kind == "sequence") && !object.native_sql.empty()) {
                kept.push_back(object);
            }
        }
    }
    for (const SchemaObject& object : m_source.objects) {
        leave_object_out(object);
    }
}

}  // namespace migrate::backends::postgresql
