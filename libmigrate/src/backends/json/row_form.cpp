#include "backends/json/row_form.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "util/hash.hpp"

namespace migrate::backends::json {

namespace {

using Kind = MemberShape::Kind;

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number =
        !text.empty() && result.ec == std::errc() && result.ptr == text.data() + text.size();
    return is_number ? std::optional(value) : std::nullopt;
}

std::string hash_of(std::string_view text) {
    std::array<char, 17> hex{};
    std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(util::hash64(text)));
    return hex.data();
}

void append_part(const std::string& part, std::string& out) {
    out += (out.empty() ? "" : " ") + part;
}

/// Compares one object after another with its shape.
class FormWriter {
  public:
    FormWriter(const Document& document, std::string& out) : m_document(document), m_out(out) {}

    void object(Document::Index object, const std::vector<MemberShape>& shape, const RowForm::Path& path) {
        std::vector<Document::Index> values(shape.size(), 0);  // 0: it has no such member
        std::vector<std::size_t> order;
        std::size_t expected = 0;
        for (Document::Index key = m_document.first_child(object); key != m_document.end(object);
             key = m_document.end(key + 1)) {
            const std::size_t member = find(shape, m_document.text(key), expected);
            if (member != shape.size()) {
                values[member] = key + 1;
                order.push_back(member);
                expected = member + 1;
            }
        }
        for (std::size_t i = 0; i < shape.size(); ++i) {
            member(shape[i], values[i], RowForm::below(path, i));
        }
        if (!std::is_sorted(order.begin(), order.end())) {
            std::string part = path + ">";
            for (const std::size_t one : order) {
                part += (part.back() == '>' ? "" : ",") + std::to_string(one);
            }
            append_part(part, m_out);
        }
    }

  private:
    static std::size_t find(const std::vector<MemberShape>& shape, std::string_view key,
                            std::size_t expected) {
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const std::size_t at = (expected + i) % shape.size();
            if (shape[at].key == key) {
                return at;
            }
        }
        return shape.size();
    }

    void member(const MemberShape& shape, Document::Index value, const RowForm::Path& path) {
        if (value != 0 && has_value(shape, value)) {
            if (shape.kind == Kind::object) {
                object(value, shape.members, path);
            }
            return;
        }
        const Vacancy actual = vacancy(value);
        if (actual != shape.vacancy) {
            append_part(path + "=" + static_cast<char>(actual), m_out);
        }
        if (actual == Vacancy::hollow) {
            object(value, shape.members, path);
        }
    }

    Vacancy vacancy(Document::Index value) const {
        if (value == 0) {
            return Vacancy::absent;
        }
        if (m_document.kind(value) == NodeKind::null_literal) {
            return Vacancy::null;
        }
        return m_document.is_empty(value) ? Vacancy::empty : Vacancy::hollow;
    }

    // Would the tables have something of it: a column that is not NULL, or a row?
    bool has_value(const MemberShape& shape, Document::Index value) const {
        if (m_document.kind(value) == NodeKind::null_literal) {
            return false;
        }
        if (shape.kind != Kind::object) {
            return shape.kind == Kind::column || !m_document.is_empty(value);
        }
        std::size_t expected = 0;
        for (Document::Index key = m_document.first_child(value); key != m_document.end(value);
             key = m_document.end(key + 1)) {
            const std::size_t at = find(shape.members, m_document.text(key), expected);
            if (at != shape.members.size() && has_value(shape.members[at], key + 1)) {
                return true;
            }
            expected = at + 1;
        }
        return false;
    }

    const Document& m_document;
    std::string& m_out;
};

}  // namespace

RowForm::Path RowForm::below(const Path& object, std::size_t member) {
    return object + (object.empty() ? "" : ".") + std::to_string(member);
}

RowForm RowForm::parse(std::string_view text) {
    RowForm form;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        form.parse_part(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return form;
}

void RowForm::parse_part(std::string_view part) {
    const std::size_t mark = part.find_first_of("=>@~");
    if (mark == std::string_view::npos) {
        return;
    }
    const Path path(part.substr(0, mark));
    std::string_view rest = part.substr(mark + 1);
    if (part[mark] == '@') {
        m_position = number_of(rest);
    } else if (part[mark] == '=' && rest.size() == 1 &&
               std::string_view("aneo").find(rest[0]) != std::string_view::npos) {
        m_vacancies[path] = static_cast<Vacancy>(rest[0]);
    } else if (part[mark] == '~') {
        const std::size_t end = std::min(rest.find('~'), rest.size());
        m_spellings[path] = {std::string(rest.substr(0, end)),
                             std::string(rest.substr(std::min(end + 1, rest.size())))};
    } else if (part[mark] == '>') {
        std::vector<std::size_t> order;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            if (const auto member = number_of(rest.substr(0, end))) {
                order.push_back(*member);
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        m_orders[path] = std::move(order);
    }
}

std::optional<Vacancy> RowForm::vacancy(const Path& member) const {
    const auto found = m_vacancies.find(member);
    return found == m_vacancies.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<std::size_t>* RowForm::order(const Path& object) const {
    const auto found = m_orders.find(object);
    return found == m_orders.end() ? nullptr : &found->second;
}

std::string_view RowForm::spelling(const Path& member, std::string_view usual) const {
    const auto found = m_spellings.find(member);
    const bool holds = found != m_spellings.end() && found->second.hash == hash_of(usual);
    return holds ? std::string_view(found->second.text) : std::string_view();
}

void append_form(const Document& document, Document::Index object, const std::vector<MemberShape>& shape,
                 std::string& out) {
    if (document.kind(object) == NodeKind::object) {
        FormWriter(document, out).object(object, shape, {});
    }
}

void append_position(std::uint64_t position, std::string& out) {
    append_part("@" + std::to_string(position), out);
}

}  // namespace migrate::backends::json
