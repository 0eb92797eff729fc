#include "backends/json/field_tree.hpp"

namespace migrate::backends::json {

namespace {

using Index = Document::Index;

void profile_value(const Document& document, Index node, std::size_t nesting, const ProfileLimits& limits,
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

void profile_value(const Document& document, Index node, std::size_t nesting, const ProfileLimits& limits,
                   Field& field) {
    switch (document.kind(node)) {
        case NodeKind::object:
            ++field.objects;
            field.has_duplicate_keys = field.has_duplicate_keys || document.has_duplicate_keys(node);
            if (nesting > 0) {
                if (!field.members) {
                    field.members = std::make_unique<FieldSet>();
                }
                profile_members(document, node, nesting - 1, limits, *field.members);
            }
            return;
        case NodeKind::array:
            ++field.arrays;
            if (nesting > 0) {
                if (!field.elements) {
                    field.elements = std::make_unique<ElementProfile>();
                }
                profile_elements(document, node, nesting - 1, limits, *field.elements);
            }
            return;
        case NodeKind::null_literal:
            ++field.nulls;
            return;
        default:
            ++field.scalars;
            field.scalar.add(document, node);
    }
}

}  // namespace

Field& FieldSet::at(std::string_view key, std::size_t expected) {
    // Records mostly have the same members in the same order.
    if (expected < fields.size() && fields[expected]->key == key) {
        return *fields[expected];
    }
    if (const auto found = by_key.find(key); found != by_key.end()) {
        return *fields[found->second];
    }
    fields.push_back(std::make_unique<Field>());
    fields.back()->key = key;
    by_key.emplace(fields.back()->key, fields.size() - 1);
    return *fields.back();
}

void FieldSet::fold() {
    is_too_wide = true;
    by_key.clear();
    fields.clear();
}

void profile_members(const Document& document, Document::Index object, std::size_t nesting,
                     const ProfileLimits& limits, FieldSet& fields) {
    std::size_t expected = 0;
    for (Index key = document.first_child(object); key != document.end(object) && !fields.is_too_wide;
         key = document.end(key + 1)) {
        profile_value(document, key + 1, nesting, limits, fields.at(document.text(key), expected++));
        if (fields.fields.size() > limits.max_columns) {
            fields.fold();
        }
    }
}

}  // namespace migrate::backends::json
