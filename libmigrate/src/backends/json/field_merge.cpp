#include "backends/json/field_merge.hpp"

#include <algorithm>
#include <utility>

namespace migrate::backends::json {

namespace {

void merge(FieldSet&& from, FieldSet& into, ProfileLimits& limits);

void merge(ElementProfile&& from, ElementProfile& into, ProfileLimits& limits) {
    into.add(from);
    merge(std::move(from.members), into.members, limits);
}

void merge(Field&& from, Field& into, ProfileLimits& limits) {
    into.add(from);
    into.empties += from.empties;
    into.hollow += from.hollow;
    if (from.members && into.members) {
        merge(std::move(*from.members), *into.members, limits);
    } else if (from.members) {
        into.members = std::move(from.members);
    }
    if (from.elements && into.elements) {
        merge(std::move(*from.elements), *into.elements, limits);
    } else if (from.elements) {
        into.elements = std::move(from.elements);
    }
}

// Which keys are entries is not remembered, so nothing may stay a field beside entries of another set: the
// same key could be both.
void make_all_entries(FieldSet& fields, ProfileLimits& limits) {
    const std::size_t allowed = std::exchange(limits.max_columns, 0);
    fold(fields, limits);
    limits.max_columns = allowed;
}

void merge(FieldSet&& from, FieldSet& into, ProfileLimits& limits) {
    into.objects += from.objects;
    if (from.entries || into.entries) {
        make_all_entries(from, limits);
        make_all_entries(into, limits);
        into.longest_entry_key = std::max(into.longest_entry_key, from.longest_entry_key);
        into.entry_key_has_nul = into.entry_key_has_nul || from.entry_key_has_nul;
        merge(std::move(*from.entries), *into.entries, limits);
        return;
    }
    into.is_out_of_order = into.is_out_of_order || from.is_out_of_order;
    std::vector<Field*> in_order(from.fields.size());
    for (std::size_t i = 0; i < from.fields.size(); ++i) {
        in_order[from.places[i]] = from.fields[i].get();
    }
    std::size_t previous = FieldSet::k_none;
    for (Field* field : in_order) {
        // Without entries there is a field for every key.
        const std::size_t index = into.index_of(field->key, into.fields.size(), previous);
        into.is_out_of_order = into.is_out_of_order ||
                               (previous != FieldSet::k_none && into.places[index] < into.places[previous]);
        previous = index;
        merge(std::move(*field), *into.fields[index], limits);
    }
    if (into.fields.size() > limits.max_columns) {
        fold(into, limits);
    }
}

void add_counts(const ElementProfile& from, ElementProfile& into) {
    into.add(from);
    add_counts(from.members, into.members);
}

void add_counts(const Field& from, Field& into) {
    into.add(from);
    into.empties += from.empties;
    into.hollow += from.hollow;
    if (from.members) {
        add_counts(*from.members, *into.members);
    }
    if (from.elements) {
        add_counts(*from.elements, *into.elements);
    }
}

}  // namespace

void ValueCounts::add(const ValueCounts& other) {
    objects += other.objects;
    arrays += other.arrays;
    nulls += other.nulls;
    scalars += other.scalars;
    has_duplicate_keys = has_duplicate_keys || other.has_duplicate_keys;
    scalar.add(other.scalar);
}

FieldSet skeleton_of(const FieldSet& fields) {
    FieldSet out;
    out.are_rows = fields.are_rows;
    out.places = fields.places;
    for (const auto& field : fields.fields) {
        Field& copy = *out.fields.emplace_back(std::make_unique<Field>());
        copy.key = field->key;
        out.by_key.emplace(copy.key, out.fields.size() - 1);
        if (field->members) {
            copy.members = std::make_unique<FieldSet>(skeleton_of(*field->members));
        }
        if (field->elements) {
            copy.elements = std::make_unique<ElementProfile>();
            copy.elements->members = skeleton_of(field->elements->members);
        }
    }
    return out;
}

std::size_t structure_size(const FieldSet& fields) {
    std::size_t size = fields.fields.size();
    for (const auto& field : fields.fields) {
        size += field->members ? 1 + structure_size(*field->members) : 0;
        size += field->elements ? 1 + structure_size(field->elements->members) : 0;
    }
    return size;
}

bool has_entries(const FieldSet& fields) {
    return fields.entries || std::any_of(fields.fields.begin(), fields.fields.end(), [](const auto& field) {
               return (field->members && has_entries(*field->members)) ||
                      (field->elements && has_entries(field->elements->members));
           });
}

// A set only ever appends fields, so what both have is at the same index.
void add_counts(const FieldSet& from, FieldSet& into) {
    into.objects += from.objects;
    into.is_out_of_order = into.is_out_of_order || from.is_out_of_order;
    for (std::size_t i = 0; i < from.fields.size(); ++i) {
        add_counts(*from.fields[i], *into.fields[i]);
    }
}

void merge(Field&& from, ElementProfile& into, ProfileLimits& limits) {
    into.add(from);
    if (from.members) {
        merge(std::move(*from.members), into.members, limits);
    }
}

}  // namespace migrate::backends::json
