#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/row_batch.hpp>

#include "backends/json/document.hpp"

namespace migrate::backends::json {

/// Puts the members of one object after another into the columns of a batch, by name.
class RowDecoder {
  public:
    /// Copies what it needs of the spec.
    explicit RowDecoder(const ScanSpec& spec);

    const std::vector<TypeKind>& kinds() const { return m_kinds; }

    /// Appends the row, or a reject when a value does not fit or a member has no column.
    void append(const Document& document, std::uint64_t ordinal, RowBatch& batch);

  private:
    struct Member {
        std::string name;
        std::size_t column;  // of the batch; k_unwanted for one that was not asked for
        LogicalType type;
    };
    static constexpr std::size_t k_unwanted = static_cast<std::size_t>(-1);

    const Member* find(std::string_view name, std::size_t expected) const;
    bool decode(const Document& document, RowBatch& batch, std::string& column, std::string& reason);

    std::vector<Member> m_members;
    std::unordered_map<std::string_view, std::size_t> m_by_name;
    std::vector<TypeKind> m_kinds;
    std::vector<bool> m_null_misfits;
    std::vector<bool> m_filled;
    std::string m_nulled;  // names of columns that got NULL
};

}  // namespace migrate::backends::json
