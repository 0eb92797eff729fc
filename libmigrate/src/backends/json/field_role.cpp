#include "backends/json/field_role.hpp"

namespace migrate::backends::json {

namespace {

bool are_all_objects(const ElementProfile& elements) {
    return elements.objects != 0 && elements.nulls + elements.scalars + elements.arrays == 0 &&
           !elements.has_duplicate_keys && !elements.members.is_empty();
}

FieldRole array_role(const ElementProfile* elements) {
    if (elements == nullptr || elements->arrays != 0 || elements->has_duplicate_keys) {
        return FieldRole::json;
    }
    if (elements->objects != 0) {
        return are_all_objects(*elements) ? FieldRole::child_objects : FieldRole::json;
    }
    return elements->scalars != 0 ? FieldRole::child_values : FieldRole::json;
}

}  // namespace

FieldRole FieldRoles::role(const Field& field) const {
    if (field.objects == 0 && field.arrays == 0) {
        return FieldRole::scalar;
    }
    const bool is_mixed = field.scalars != 0 || (field.objects != 0 && field.arrays != 0);
    if (is_mixed || field.has_duplicate_keys || m_options.nested_as_json || m_folded.contains(&field)) {
        return FieldRole::json;
    }
    if (field.arrays != 0) {
        return array_role(field.elements.get());
    }
    if (field.members && field.members->entries) {
        return FieldRole::child_members;
    }
    return field.members && !field.members->is_empty() ? FieldRole::columns : FieldRole::json;
}

FieldRole FieldRoles::entries_role(const ElementProfile& entries) const {
    return are_all_objects(entries) && !m_plain_entries.contains(&entries) ? FieldRole::child_objects
                                                                           : FieldRole::child_values;
}

bool FieldRoles::fit(const FieldSet& fields) {
    if (fields.entries && !fit(fields.entries->members)) {
        m_plain_entries.insert(fields.entries.get());
    }
    for (const auto& field : fields.fields) {
        const FieldRole before = role(*field);
        const FieldSet* inside = before == FieldRole::columns || before == FieldRole::child_members
                                     ? field->members.get()
                                 : before == FieldRole::child_objects ? &field->elements->members
                                                                      : nullptr;
        if (inside != nullptr && !fit(*inside)) {
            m_folded.insert(field.get());
        }
    }
    while (count_columns(fields) + k_synthetic_columns > m_options.max_columns) {
        const Field* field = widest(fields);
        if (field == nullptr) {
            return false;
        }
        m_folded.insert(field);
    }
    return true;
}

std::size_t FieldRoles::count_columns(const FieldSet& fields) const {
    std::size_t count = 0;
    for (const auto& field : fields.fields) {
        count += count_columns(*field);
    }
    return count;
}

std::size_t FieldRoles::count_columns(const Field& field) const {
    switch (role(field)) {
        case FieldRole::columns:
            return count_columns(*field.members);
        case FieldRole::child_objects:
        case FieldRole::child_values:
        case FieldRole::child_members:
            return 0;
        default:
            return 1;
    }
}

const Field* FieldRoles::widest(const FieldSet& fields) const {
    const Field* found = nullptr;
    std::size_t most = 1;
    for (const auto& field : fields.fields) {
        if (role(*field) == FieldRole::columns && count_columns(*field) > most) {
            found = field.get();
            most = count_columns(*field);
        }
    }
    return found;
}

}  // namespace migrate::backends::json
