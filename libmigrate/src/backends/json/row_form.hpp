#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/schema.hpp>

#include "backends/json/document.hpp"
#include "backends/json/object_shape.hpp"

namespace migrate::backends::json {

/// How the object of one row differs from the shape that all rows of its table have. As text, parts with a
/// blank between, in which a path is the numbers of members in their shapes, outermost first, "3.1":
///   3.1=n      the member has no value, and this (Vacancy) in its place
///   3>1,0      the members of the object at the path stood in this order; ">" for the row's own
///   @12        the row stood at this place
///   3~1.50e3~H the number was spelled so; H is the hash of the number as it would be spelled without this
/// A vacancy holds only while the member has no value, a spelling only while the number is that one.
class RowForm {
  public:
    using Path = std::string;

    /// What the text says; parts that are none of the above are passed over.
    static RowForm parse(std::string_view text);

    std::optional<Vacancy> vacancy(const Path& member) const;
    /// Nullptr where the object follows its shape.
    const std::vector<std::size_t>* order(const Path& object) const;
    std::optional<std::uint64_t> position() const { return m_position; }
    /// The spelling of a number that would be spelled `usual`; empty where there is no other.
    std::string_view spelling(const Path& member, std::string_view usual) const;
    bool is_empty() const { return m_vacancies.empty() && m_orders.empty() && m_spellings.empty(); }

    /// The path of a member of the object at `object`.
    static Path below(const Path& object, std::size_t member);

  private:
    struct Spelling {
        std::string text;
        std::string hash;
    };
    void parse_part(std::string_view part);

    std::map<Path, Vacancy> m_vacancies;
    std::map<Path, std::vector<std::size_t>> m_orders;
    std::map<Path, Spelling> m_spellings;
    std::optional<std::uint64_t> m_position;
};

/// Appends the parts in which an object of a document differs from its shape; nothing where it does not.
void append_form(const Document& document, Document::Index object, const std::vector<MemberShape>& shape,
                 std::string& out);
void append_position(std::uint64_t position, std::string& out);

/// The name of the table that holds forms, and its columns: the documents' table, the row's key, the form.
inline constexpr const char* k_form_table = "_shape";
inline constexpr const char* k_form_columns[] = {"table_name", "row_key", "form"};

Table make_form_table(const std::string& name);

}  // namespace migrate::backends::json
