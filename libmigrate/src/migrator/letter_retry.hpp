#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <migrate/dead_letter_retry.hpp>
#include <migrate/migration_plan.hpp>

#include "backend/target.hpp"
#include "copy/reject_policy.hpp"
#include "migrator/context.hpp"
#include "plan/letter_rows.hpp"

namespace migrate {

/// Tries the dead letters of a migration that is done once more: what CrossDatabaseMigrator offers. The plan
/// is the one that the target keeps. Requires: the target is locked, where it executes.
class LetterRetryRun {
  public:
    /// Throws: Error{not_found} for a table that the migration has not.
    LetterRetryRun(const MigratorContext& context, backend::Target& target, const MigrationPlan& plan,
                   const DeadLetterRetryOptions& options);

    DeadLetterRetry preview();
    DeadLetterRetry execute();

  private:
    using Place = std::tuple<std::int64_t, std::uint64_t>;  // chunk, ordinal

    /// The letters of one table of the target's schema.
    struct Account {
        std::size_t table = 0;
        RetriedTable result;
        std::uint64_t dropped = 0;  ///< Letters of rows that are left out, of those that are left.
        std::uint64_t nulled = 0;   ///< Likewise of rows that are there with NULL.
        copy::RejectCounts counts;  ///< Of the last pass.
        std::map<Place, std::string> mended;
    };

    [[nodiscard]] bool is_wanted(const Account& account) const;
    void take_mended();
    [[nodiscard]] Account* account_of(const DeadLetter& letter);
    void count_letters(const std::function<void(Account&, const DeadLetter&)>& take);
    /// Null where the letter is not to be tried; else the letter as it is tried.
    [[nodiscard]] const DeadLetter* wanted(const Account& account, const DeadLetter& letter,
                                           DeadLetter& mended) const;
    /// Those with letters, in the order in which rows can go in.
    [[nodiscard]] std::vector<Account*> in_order();
    std::uint64_t pass(Account& account, backend::LetterRetry& retry);
    /// `letter` is `stored`, or that with its row mended.
    bool attempt(Account& account, const plan::LetterRows& rows, const DeadLetter& letter,
                 const DeadLetter& stored, backend::LetterRetry& retry);
    void write(Account& account, const plan::LetterRow& row, const DeadLetter& letter,
               backend::LetterRetry& retry);
    void refuse(Account& account, const DeadLetter& letter, const std::string& column,
                const std::string& reason, backend::LetterRetry* retry);
    [[nodiscard]] std::string account_of_plan() const;
    DeadLetterRetry take(bool executed);

    const MigratorContext& m_context;
    backend::Target& m_target;
    const MigrationPlan& m_plan;
    const DeadLetterRetryOptions& m_options;
    std::vector<Account> m_accounts;  ///< One a table of the target's schema.
    std::vector<Finding> m_findings;
};

}  // namespace migrate
