#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// The rows whose foreign keys lead to no row, remembered before a change and compared with those after it,
/// one by one: one that was mended does not make up for another that is new. Kept in temporary tables, for
/// one transaction.
class OrphanSet {
  public:
    struct Appeared {
        std::string table;  ///< One of those that have them.
        std::int64_t rows = 0;
    };

    /// Of tables in `by_value`, whose rows will be others, the values that lead nowhere are remembered
    /// instead.
    explicit OrphanSet(const session::SqliteSession& session, std::vector<std::string> by_value = {});

    /// Keeps them in a table of the file, if there are any, for a rollback that brings them back.
    void keep_as(const std::string& table) const;
    /// Those that keep_as() has kept in another transaction are no new ones either.
    void excuse(const std::string& table) const;

    /// The table `name` will go, and `kept` take its name.
    void will_be(const std::string& kept, const std::string& name) const;

    /// Those that were not there before, in tables other than `but`.
    [[nodiscard]] Appeared appeared(const std::vector<std::string>& but = {}) const;

  private:
    void collect(const std::string& into) const;
    [[nodiscard]] bool collect_by_check(const std::string& into, const std::string& table) const;
    void collect_by_query(const std::string& into, const std::string& table, bool by_value) const;

    const session::SqliteSession& m_session;
    std::vector<std::string> m_by_value;
};

}  // namespace migrate::backends::sqlite
