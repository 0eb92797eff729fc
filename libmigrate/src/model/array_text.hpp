#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <migrate/logical_type.hpp>

/// What PostgreSQL's array literals and their JSON form have in common.
namespace migrate::model {

/// PostgreSQL's MAXDIM.
inline constexpr std::size_t k_max_dimensions = 6;

/// The sizes of a nested list as it is read, checked to be rectangular and to have its elements in the
/// innermost lists only.
class ArrayShape {
  public:
    /// A list begins. False past the most dimensions, or where elements were in a list around it.
    bool open() noexcept;
    /// An element at the present depth.
    bool element() noexcept;
    /// A list ends. False where its size differs from that of its siblings, or it is empty and not all there
    /// is.
    bool close() noexcept;

    [[nodiscard]] std::size_t depth() const noexcept { return m_depth; }
    [[nodiscard]] std::size_t dimensions() const noexcept { return m_dimensions; }
    [[nodiscard]] std::int64_t size(std::size_t dimension) const noexcept { return m_sizes[dimension]; }

  private:
    std::size_t m_depth = 0;
    std::size_t m_dimensions = 0;  ///< Known from the first element on; until then 0.
    std::array<std::int64_t, k_max_dimensions> m_sizes{-1, -1, -1, -1, -1, -1};
    std::array<std::int64_t, k_max_dimensions> m_counts{};
};

/// ',' for every type but box.
[[nodiscard]] char array_delimiter(const LogicalType& element) noexcept;

/// The element's spelling in array_out: quoted where it is empty, NULL, or holds a character that means
/// something.
void append_array_element(std::string_view value, char delimiter, std::string& literal);

}  // namespace migrate::model
