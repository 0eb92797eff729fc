#pragma once

#include <optional>
#include <set>
#include <vector>

#include <migrate/migration_plan.hpp>
#include <migrate/schema.hpp>

#include "rehearsal/sample.hpp"

namespace migrate::rehearsal {

/// True where the plan changes or replaces something that is at the target.
bool changes_what_is_there(const MigrationPlan& plan);

/// What a plan does to the tables that are at its target, and what follows for samples of both.
class AffectedTables {
  public:
    /// `there` is all that is at the target; `any_case`: names are equal but for capitals.
    AffectedTables(const MigrationPlan& plan, Schema there, bool any_case);

    /// What the plan changes and whatever is tied to it by foreign keys, in either direction; all tables
    /// where triggers fire, or views read what is replaced: what code reaches cannot be told from outside. Of
    /// the objects those that belong to none of the other tables.
    [[nodiscard]] const Schema& schema() const noexcept { return m_schema; }

    /// Of the source, as long as nothing is known of what is there.
    [[nodiscard]] SampleRequest first_request_source(std::uint64_t rows) const;
    /// Of what is there, with what those rows of the source refer to. New rows take the place of all that
    /// were in a table that is replaced: rows of others that refer to it are left out, since the sample of
    /// the new ones need not have what they refer to.
    [[nodiscard]] SampleRequest request_there(std::uint64_t rows, const Sample& of_source) const;
    /// Of the source: rows whose foreign keys at the target lead to rows of either sample.
    [[nodiscard]] SampleRequest request_source(std::uint64_t rows, const Sample& there) const;

  private:
    /// A foreign key at the target of a table that rows go to, as the source's columns have it.
    struct Inward {
        KeyPlaces from;                  ///< Of the source's schema; without columns: it cannot be told.
        std::optional<KeyPlaces> to;     ///< Likewise, where the table that is referred to is migrated too.
        std::optional<KeyPlaces> there;  ///< Of schema(), where it is there and stays.
    };

    [[nodiscard]] std::set<QualifiedName> partitions_of(const std::set<QualifiedName>& tables) const;
    [[nodiscard]] bool is_reached_by_code(const std::set<QualifiedName>& names) const;
    void find_inward(const MigrationPlan& plan, const TablePlan& way);
    [[nodiscard]] std::optional<std::size_t> place_of(const QualifiedName& name) const;
    [[nodiscard]] QualifiedName comparable(const QualifiedName& name) const;
    [[nodiscard]] bool is_replaced(const QualifiedName& name) const;

    bool m_any_case;
    Schema m_schema;
    std::vector<QualifiedName> m_replaced;
    std::vector<Condition> m_outward;  ///< Of schema(): keys that lead to tables that are replaced.
    std::vector<Inward> m_inward;
};

}  // namespace migrate::rehearsal
