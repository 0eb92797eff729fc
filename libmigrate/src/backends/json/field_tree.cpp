#include "backends/json/field_tree.hpp"

namespace migrate::backends::json {

namespace {

using Index = Document::Index;

bool profile_value(const Document& document, Index node, std::size_t nesting, const ProfileLimits& limits,
                   Field& field);

void profile_elements(const Document& document, Index array, std::size_t nesting, const ProfileLimits& limits,
                      ElementProfile& elements) {
    for (Index item = document.first_child(array); item != document.end(array); item = document.end(item)) {
        switch (document.kind(item)) {
            case NodeKind::object:
                ++elements.objects;
                elements.has_duplicate_keys =
                    elements.has_duplicate_keys || document.has_duplicate_keys(item);
                profile_members(document, item, nesting, limits, elements.members);
                break;
            case NodeKind::array:
                ++elements.arrays;
                break;
            case NodeKind::null_literal:
                ++elements.nulls;
                break;
            default:
                ++elements.scalars;
                elements.scalar.add(document, item);
        }
    }
}

bool profile_object(const Document& document, Index node, std::size_t nesting, const ProfileLimits& limits,
                    Field& field) {
    ++field.objects;
    field.has_duplicate_keys = field.has_duplicate_keys || document.has_duplicate_keys(node);
    field.empties += document.is_empty(node) ? 1 : 0;
    if (nesting == 0) {
        return true;
    }
    if (!field.members) {
        field.members = std::make_unique<FieldSet>();
    }
    const bool has_value = profile_members(document, node, nesting - 1, limits, *field.members);
    field.hollow += !has_value && !document.is_empty(node) ? 1 : 0;
    return has_value;
}

// False where the value is null or holds nothing else.
bool profile_value(const Document& document, Index node, std::size_t nesting, const ProfileLimits& limits,
                   Field& field) {
    switch (document.kind(node)) {
        case NodeKind::object:
            return profile_object(document, node, nesting, limits, field);
        case NodeKind::array:
            ++field.arrays;
            field.empties += document.is_empty(node) ? 1 : 0;
            if (nesting > 0) {
                if (!field.elements) {
                    field.elements = std::make_unique<ElementProfile>();
                }
                profile_elements(document, node, nesting - 1, limits, *field.elements);
            }
            return !document.is_empty(node);
        case NodeKind::null_literal:
            ++field.nulls;
            return false;
        default:
            ++field.scalars;
            field.scalar.add(document, node);
            return true;
    }
}

}  // namespace

std::size_t FieldSet::index_of(std::string_view key, std::size_t expected, std::size_t previous) {
    // Records mostly have the same members in the same order.
    if (expected < fields.size() && fields[expected]->key == key) {
        return expected;
    }
    if (const auto found = by_key.find(key); found != by_key.end()) {
        return found->second;
    }
    const std::size_t place = previous == k_none ? 0 : places[previous] + 1;
    for (std::size_t& other : places) {
        other += other >= place ? 1 : 0;
    }
    places.push_back(place);
    fields.push_back(std::make_unique<Field>());
    fields.back()->key = key;
    by_key.emplace(fields.back()->key, fields.size() - 1);
    return fields.size() - 1;
}

void FieldSet::fold() {
    is_too_wide = true;
    by_key.clear();
    fields.clear();
    places.clear();
}

bool profile_members(const Document& document, Document::Index object, std::size_t nesting,
                     const ProfileLimits& limits, FieldSet& fields) {
    ++fields.objects;
    bool has_value = fields.is_too_wide;
    std::size_t expected = 0;
    std::size_t previous = FieldSet::k_none;
    for (Index key = document.first_child(object); key != document.end(object) && !fields.is_too_wide;
         key = document.end(key + 1)) {
        const std::size_t index = fields.index_of(document.text(key), expected++, previous);
        fields.is_out_of_order =
            fields.is_out_of_order ||
            (previous != FieldSet::k_none && fields.places[index] < fields.places[previous]);
        previous = index;
        has_value = profile_value(document, key + 1, nesting, limits, *fields.fields[index]) || has_value;
        if (fields.fields.size() > limits.max_columns) {
            fields.fold();
            has_value = true;
        }
    }
    return has_value;
}

}  // namespace migrate::backends::json
