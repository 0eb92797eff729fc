#include "backends/json/document_render.hpp"

#include <algorithm>
#include <limits>

#include "backends/json/file_source.hpp"
#include "backends/json/json_text.hpp"
#include "backends/json/tokenizer.hpp"

namespace migrate::backends::json {

using Kind = MemberShape::Kind;

namespace {

// Of a member as it is written.
std::string key_of(std::string_view member) {
    ViewSource source(member);
    Tokenizer tokenizer(source, "a member's key", {.sequence = true});
    tokenizer.next();
    return std::string(tokenizer.text());
}

}  // namespace

void ObjectRenderer::render(const std::vector<MemberShape>& shape, std::string& text, std::string& notes,
                            const Between& between) {
    m_text = &text;
    m_notes = &notes;
    object(shape, {}, between);
}

// As the form says; members that it does not name follow in their shape's order.
std::vector<std::size_t> ObjectRenderer::order_of(const std::vector<MemberShape>& shape,
                                                  const RowForm::Path& path) const {
    std::vector<std::size_t> order;
    std::vector<bool> taken(shape.size(), false);
    if (const std::vector<std::size_t>* kept = m_form.order(path)) {
        for (const std::size_t one : *kept) {
            if (one < shape.size() && !taken[one]) {
                taken[one] = true;
                order.push_back(one);
            }
        }
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (!taken[i]) {
            order.push_back(i);
        }
    }
    return order;
}

void ObjectRenderer::object(const std::vector<MemberShape>& shape, const RowForm::Path& path,
                            const Between& between) {
    *m_text += '{';
    if (between) {
        between(nullptr, *m_text);
    }
    const bool is_own = path.empty();
    std::uint64_t place = 0;
    for (const std::size_t at : order_of(shape, path)) {
        if (is_own) {
            rest_before(place + m_next_rest, between);
        }
        const bool is_first = m_text->back() == '{';
        const bool is_there = member(shape[at], RowForm::below(path, at), is_first);
        place += is_there ? 1 : 0;
        if (is_there && between) {
            between(&shape[at].key, *m_text);
        }
    }
    if (is_own) {
        rest_before(std::numeric_limits<std::uint64_t>::max(), between);
    }
    *m_text += '}';
}

// The members that are rows and stood before a place; what has gone meanwhile leaves gaps.
void ObjectRenderer::rest_before(std::uint64_t place, const Between& between) {
    while (m_next_rest < m_row.rest.size() && m_row.rest[m_next_rest].index <= place) {
        const RestMember& one = m_row.rest[m_next_rest++];
        *m_text += (m_text->back() == '{' ? "" : ",") + one.text;
        *m_notes += one.notes;
        if (between) {
            const std::string key = key_of(one.text);
            between(&key, *m_text);
        }
        place += place == std::numeric_limits<std::uint64_t>::max() ? 0 : 1;
    }
}

void ObjectRenderer::begin_member(const std::string& key, bool is_first) {
    *m_text += is_first ? "" : ",";
    append_quoted(key, *m_text);
    *m_text += ':';
}

bool ObjectRenderer::has_value(const MemberShape& shape) const {
    switch (shape.kind) {
        case Kind::column:
            return shape.column != MemberShape::k_gone && !m_row.fields[shape.column].empty();
        case Kind::array:
        case Kind::map: {
            const auto found = m_row.arrays.find(shape.table);
            return found != m_row.arrays.end() && !found->second.empty();
        }
        default:
            return std::any_of(shape.members.begin(), shape.members.end(),
                               [this](const MemberShape& one) { return has_value(one); });
    }
}

// False where the object has no such member.
bool ObjectRenderer::member(const MemberShape& shape, const RowForm::Path& path, bool is_first) {
    const bool is_there = has_value(shape);
    // Of a column that is gone it is not known where it had a value.
    const bool is_gone = shape.kind == Kind::column && shape.column == MemberShape::k_gone;
    const Vacancy vacancy = is_gone ? Vacancy::absent : m_form.vacancy(path).value_or(shape.vacancy);
    if (!is_there && vacancy == Vacancy::absent) {
        return false;
    }
    begin_member(shape.key, is_first);
    if (shape.kind == Kind::object && (is_there || vacancy == Vacancy::hollow)) {
        object(shape.members, path, {});
    } else if (!is_there) {
        const bool is_null = vacancy == Vacancy::null || shape.kind == Kind::column;
        *m_text += is_null ? "null" : shape.kind == Kind::array ? "[]" : "{}";
    } else if (shape.kind != Kind::column) {
        const std::string& inside = m_row.arrays.at(shape.table);
        *m_text += shape.kind == Kind::array ? '[' + inside + ']' : '{' + inside + '}';
        *m_notes += m_row.array_notes.at(shape.table);
    } else {
        const std::string& usual = m_row.fields[shape.column];
        const std::string_view kept = m_form.spelling(path, usual);
        *m_text += kept.empty() ? std::string_view(usual) : kept;
    }
    return true;
}

}  // namespace migrate::backends::json
