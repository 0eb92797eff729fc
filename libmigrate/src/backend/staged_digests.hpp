#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/schema.hpp>

namespace migrate::backend {

/// The digests of staged tables, of their rows as the engine holds them: taken on the way while verification
/// reads them back, so that the cutover need not read them once more for a rollback. Thread-safe.
class StagedDigests {
  public:
    /// A reading of a whole table begins, in so many parts; what an earlier one found that did not come to
    /// its end is forgotten. What was read whole stays: staging does not change once it is read back.
    void begin(const QualifiedName& table, std::size_t parts);
    /// A part was read to its end, all columns of every row.
    void add(const QualifiedName& table, std::size_t part, const Digest& digest);
    /// Of rows that were written and committed, as the engine will hold them; where nothing reads them back.
    void add_written(const QualifiedName& table, const Digest& digest);
    /// What add_written() was given of a table. What other runs have written is not in it.
    [[nodiscard]] std::optional<Digest> written(const QualifiedName& table) const;
    /// Nullopt unless every part of a table was read.
    [[nodiscard]] std::optional<Digest> of(const QualifiedName& table) const;

  private:
    using Parts = std::vector<std::optional<Digest>>;
    static bool is_whole(const Parts& parts);

    mutable std::mutex m_mutex;
    std::map<QualifiedName, Parts> m_parts;
    std::map<QualifiedName, Digest> m_written;
};

}  // namespace migrate::backend
