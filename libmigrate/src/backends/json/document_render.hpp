#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backends/json/row_form.hpp"

namespace migrate::backends::json {

/// A member of a row's own object that is a row of a child table.
struct RestMember {
    std::uint64_t index = 0;  ///< Among all members of the object.
    std::string text;         ///< Key and value.
    std::string notes;
};

/// One row in the making: what stands in its members.
struct RowParts {
    std::vector<std::string> fields;                 ///< By column, as spelled; empty where NULL.
    std::string key;                                 ///< As spelled; of a row that is a member of an object.
    std::vector<RestMember> rest;                    ///< In the order of their places.
    std::string entry;                               ///< For the list of what documents do not say.
    std::map<std::string, std::string> arrays;       ///< Elements with commas, by child table.
    std::map<std::string, std::string> array_notes;  ///< Their entries, in the same order.
};

/// Puts an object together: members in their order, and in the place of those without a value what the form
/// or, without one, the shape says.
class ObjectRenderer {
  public:
    /// Called after each member of the row's own object (with nullptr before the first): what else is to
    /// stand there, with the comma that it needs, goes to the text.
    using Between = std::function<void(const std::string* key, std::string& text)>;

    ObjectRenderer(const RowParts& row, const RowForm& form) : m_row(row), m_form(form) {}

    /// Appends the object to `text` and the entries of the rows inside, each after a comma, to `notes`.
    void render(const std::vector<MemberShape>& shape, std::string& text, std::string& notes,
                const Between& between = {});

  private:
    void object(const std::vector<MemberShape>& shape, const RowForm::Path& path, const Between& between);
    bool member(const MemberShape& shape, const RowForm::Path& path, bool is_first);
    bool has_value(const MemberShape& shape) const;
    void rest_before(std::uint64_t place, const Between& between);
    void begin_member(const std::string& key, bool is_first);
    std::vector<std::size_t> order_of(const std::vector<MemberShape>& shape, const RowForm::Path& path) const;

    const RowParts& m_row;
    const RowForm& m_form;
    std::size_t m_next_rest = 0;
    std::string* m_text = nullptr;
    std::string* m_notes = nullptr;
};

}  // namespace migrate::backends::json
