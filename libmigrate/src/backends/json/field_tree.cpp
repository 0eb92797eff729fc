#include "backends/json/field_tree.hpp"

#include <algorithm>
#include <utility>

#include "backends/json/field_merge.hpp"

namespace migrate::backends::json {

namespace {

using Index = Document::Index;

// More keys than can be columns are kept while it is not known which of them most objects have.
constexpr std::size_t k_fields_while_undecided = 16384;
// Of all sets of a collection together; beyond, each is decided as soon as it has too many.
constexpr std::size_t k_fields_altogether = 65536;

bool profile_value(const Document& document, Index node, std::size_t nesting, ProfileLimits& limits,
                   Field& field);

void profile_element(const Document& document, Index item, std::size_t nesting, ProfileLimits& limits,
                     ElementProfile& elements) {
    switch (document.kind(item)) {
        case NodeKind::object:
            ++elements.objects;
            elements.has_duplicate_keys = elements.has_duplicate_keys || document.has_duplicate_keys(item);
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

void profile_elements(const Document& document, Index array, std::size_t nesting, ProfileLimits& limits,
                      ElementProfile& elements) {
    for (Index item = document.first_child(array); item != document.end(array); item = document.end(item)) {
        profile_element(document, item, nesting, limits, elements);
    }
}

// An object at the last level is not looked into, as a member's value is not there either.
void profile_entry(const Document& document, Index key, std::size_t nesting, ProfileLimits& limits,
                   FieldSet& fields) {
    fields.note_entry_key(document.text(key));
    ElementProfile& entries = *fields.entries;
    if (nesting == 0 && document.kind(key + 1) == NodeKind::object) {
        ++entries.objects;
        return;
    }
    profile_element(document, key + 1, nesting == 0 ? 0 : nesting - 1, limits, entries);
}

bool profile_object(const Document& document, Index node, std::size_t nesting, ProfileLimits& limits,
                    Field& field) {
    ++field.objects;
    field.has_duplicate_keys = field.has_duplicate_keys || document.has_duplicate_keys(node);
    field.empties += document.is_empty(node) ? 1 : 0;
    if (nesting == 0) {
        return true;
    }
    if (!field.members) {
        field.members = std::make_unique<FieldSet>();
        field.members->are_rows = false;
    }
    const bool has_value = profile_members(document, node, nesting - 1, limits, *field.members);
    field.hollow += !has_value && !document.is_empty(node) ? 1 : 0;
    return has_value;
}

// False where the value is null or holds nothing else.
bool profile_value(const Document& document, Index node, std::size_t nesting, ProfileLimits& limits,
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

// The same order, counted from 0.
std::vector<std::size_t> without_gaps(const std::vector<std::size_t>& places) {
    std::vector<std::size_t> sorted = places;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::size_t> out;
    out.reserve(places.size());
    for (const std::size_t place : places) {
        out.push_back(
            static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), place) - sorted.begin()));
    }
    return out;
}

}  // namespace

std::size_t most_fields(const ProfileLimits& limits) {
    return limits.fields < k_fields_altogether ? std::max(k_fields_while_undecided, limits.max_columns)
                                               : limits.max_columns;
}

FieldSet::FieldSet() = default;
FieldSet::FieldSet(FieldSet&&) noexcept = default;
FieldSet& FieldSet::operator=(FieldSet&&) noexcept = default;
FieldSet::~FieldSet() = default;

std::size_t FieldSet::index_of(std::string_view key, std::size_t expected, std::size_t previous) {
    // Records mostly have the same members in the same order.
    if (expected < fields.size() && fields[expected]->key == key) {
        return expected;
    }
    if (const auto found = by_key.find(key); found != by_key.end()) {
        return found->second;
    }
    if (entries) {
        return k_none;
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

void FieldSet::note_entry_key(std::string_view key) {
    longest_entry_key = std::max(longest_entry_key, key.size());
    entry_key_has_nul = entry_key_has_nul || key.find('\0') != std::string_view::npos;
}

bool profile_members(const Document& document, Document::Index object, std::size_t nesting,
                     ProfileLimits& limits, FieldSet& fields) {
    ++fields.objects;
    const std::size_t before = fields.fields.size();
    bool has_value = false;
    std::size_t expected = 0;
    std::size_t previous = FieldSet::k_none;
    for (Index key = document.first_child(object); key != document.end(object); key = document.end(key + 1)) {
        const std::size_t index = fields.index_of(document.text(key), expected++, previous);
        if (index == FieldSet::k_none) {
            profile_entry(document, key, nesting, limits, fields);
            has_value = true;
            continue;
        }
        fields.is_out_of_order = fields.is_out_of_order || (previous != FieldSet::k_none &&
                                                            fields.places[index] < fields.places[previous]);
        previous = index;
        has_value = profile_value(document, key + 1, nesting, limits, *fields.fields[index]) || has_value;
    }
    limits.fields += fields.fields.size() - before;
    if (fields.fields.size() > most_fields(limits)) {
        fold(fields, limits);
    }
    return has_value;
}

void fold(FieldSet& fields, ProfileLimits& limits) {
    const auto is_regular = [&](const Field& field) {
        return fields.are_rows && fields.objects > 1 &&
               2 * (field.objects + field.arrays + field.nulls + field.scalars) > fields.objects;
    };
    if (!fields.entries) {
        fields.entries = std::make_unique<ElementProfile>();
    }
    std::vector<std::unique_ptr<Field>> kept;
    std::vector<std::size_t> places;
    std::vector<std::unique_ptr<Field>> folded;
    for (std::size_t i = 0; i < fields.fields.size(); ++i) {
        const bool keep = kept.size() < limits.max_columns && is_regular(*fields.fields[i]);
        (keep ? kept : folded).push_back(std::move(fields.fields[i]));
        if (keep) {
            places.push_back(fields.places[i]);
        }
    }
    fields.fields = std::move(kept);
    fields.places = without_gaps(places);
    fields.by_key.clear();
    for (std::size_t i = 0; i < fields.fields.size(); ++i) {
        fields.by_key.emplace(fields.fields[i]->key, i);
    }
    for (auto& field : folded) {
        fields.note_entry_key(field->key);
        merge(std::move(*field), *fields.entries, limits);
    }
}

void settle(FieldSet& fields, ProfileLimits& limits) {
    if (fields.fields.size() > limits.max_columns) {
        fold(fields, limits);
    }
    for (auto& field : fields.fields) {
        if (field->members) {
            settle(*field->members, limits);
        }
        if (field->elements) {
            settle(field->elements->members, limits);
        }
    }
    if (fields.entries) {
        settle(fields.entries->members, limits);
    }
}

}  // namespace migrate::backends::json
