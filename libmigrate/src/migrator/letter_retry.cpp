#include "migrator/letter_retry.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <migrate/error.hpp>

#include "backend/key_order.hpp"
#include "migrator/known_migration.hpp"
#include "plan/planner.hpp"
#include "util/human.hpp"
#include "util/kill_point.hpp"

namespace migrate {
namespace {

constexpr std::size_t k_letters_at_once = 100;

/// True for what is the row's fault; anything else ends the retry.
bool is_about_row(const Error& error) {
    return error.code() == ErrorCode::row || error.code() == ErrorCode::constraint;
}

bool names_table(const std::string& name, const Table& table) {
    return name == table.name.display() || name == table.name.name;
}

}  // namespace

LetterRetryRun::LetterRetryRun(const MigratorContext& context, backend::Target& target,
                               const MigrationPlan& plan, const DeadLetterRetryOptions& options)
    : m_context(context), m_target(target), m_plan(plan), m_options(options) {
    for (std::size_t table = 0; table < plan.target.tables.size(); ++table) {
        Account& account = m_accounts.emplace_back();
        account.table = table;
        account.result.table = plan.target.tables[table].name.display();
    }
    for (const std::string& name : options.tables) {
        const auto& tables = plan.target.tables;
        if (std::none_of(tables.begin(), tables.end(),
                         [&](const Table& table) { return names_table(name, table); })) {
            ErrorFacts facts;
            facts.code = ErrorCode::not_found;
            facts.table = name;
            facts.next_step = "dead-letters list shows the tables by their names at the target.";
            throw Error(std::move(facts),
                        "migration " + plan.id + " has no table " + name + " at the target");
        }
    }
    take_mended();
}

bool LetterRetryRun::is_wanted(const Account& account) const {
    const Table& table = m_plan.target.tables[account.table];
    return m_options.tables.empty() ||
           std::any_of(m_options.tables.begin(), m_options.tables.end(),
                       [&](const std::string& name) { return names_table(name, table); });
}

void LetterRetryRun::take_mended() {
    for (const DeadLetter& letter : m_options.mended.value_or(std::vector<DeadLetter>())) {
        Account* account = account_of(letter);
        if (account != nullptr &&
            !account->mended.emplace(Place(letter.chunk, letter.ordinal), letter.row).second) {
            ErrorFacts facts;
            facts.code = ErrorCode::malformed;
            facts.table = letter.table;
            facts.next_step = "Leave one of them in the file.";
            throw Error(std::move(facts), "dead letter " + std::to_string(letter.ordinal) + " of chunk " +
                                              std::to_string(letter.chunk) + " of table " + letter.table +
                                              " is given twice");
        }
    }
}

const DeadLetter* LetterRetryRun::wanted(const Account& account, const DeadLetter& letter,
                                         DeadLetter& mended) const {
    if (!is_wanted(account)) {
        return nullptr;
    }
    if (!m_options.mended) {
        return &letter;
    }
    const auto found = account.mended.find(Place(letter.chunk, letter.ordinal));
    if (found == account.mended.end()) {
        return nullptr;
    }
    mended = letter;
    mended.row = found->second;
    return &mended;
}

LetterRetryRun::Account* LetterRetryRun::account_of(const DeadLetter& letter) {
    const auto account = std::find_if(m_accounts.begin(), m_accounts.end(), [&](const Account& one) {
        return names_table(letter.table, m_plan.target.tables[one.table]);
    });
    return account == m_accounts.end() ? nullptr : &*account;
}

/// What there is before anything is tried; hands over each letter with the account of its table.
void LetterRetryRun::count_letters(const std::function<void(Account&, const DeadLetter&)>& take) {
    std::uint64_t matched = 0;
    m_target.dead_letters(m_plan.id, [&](const DeadLetter& letter) {
        m_context.check_stop();
        Account* account = account_of(letter);
        if (account == nullptr) {
            return;
        }
        ++account->result.letters;
        ++(letter.kept ? account->nulled : account->dropped);
        matched += account->mended.contains(Place(letter.chunk, letter.ordinal)) ? 1 : 0;
        take(*account, letter);
    });
    const std::uint64_t given = m_options.mended ? m_options.mended->size() : 0;
    if (given > matched) {
        m_findings.push_back({Severity::note, "no-such-dead-letter", "migration " + m_plan.id,
                              std::to_string(given - matched) + " of the " + std::to_string(given) +
                                  " letters given are none of its own, or not any more",
                              "", given - matched});
    }
}

DeadLetterRetry LetterRetryRun::preview() {
    std::optional<plan::LetterRows> rows;
    const Account* last = nullptr;
    count_letters([&](Account& account, const DeadLetter& letter) {
        DeadLetter mended;
        const DeadLetter* tried = wanted(account, letter, mended);
        if (tried == nullptr) {
            return;
        }
        if (last != &account) {
            rows.emplace(m_plan, account.table);
            last = &account;
        }
        const plan::LetterRow row = rows->read(*tried);
        if (row.reason.empty()) {
            ++account.result.tried;
        } else {
            refuse(account, letter, row.column, row.reason, nullptr);
        }
    });
    return take(false);
}

std::vector<LetterRetryRun::Account*> LetterRetryRun::in_order() {
    std::vector<const Table*> tables;
    for (const Account& account : m_accounts) {
        if (account.result.letters > 0) {
            tables.push_back(&m_plan.target.tables[account.table]);
        }
    }
    std::vector<Account*> ordered;
    for (const Table* table : backend::in_key_order(std::move(tables))) {
        ordered.push_back(&m_accounts[static_cast<std::size_t>(table - m_plan.target.tables.data())]);
    }
    return ordered;
}

DeadLetterRetry LetterRetryRun::execute() {
    count_letters([](Account&, const DeadLetter&) {});
    const std::vector<Account*> accounts = in_order();
    if (accounts.empty()) {
        return take(true);
    }
    const auto retry = m_target.retry_letters(plan::target_plan_of(m_plan, ""));
    util::pass_kill_point("retry-begun");
    // A row may wait for another of its own table, or of a ring: until nothing more goes in.
    std::uint64_t went = 0;
    bool again = false;
    do {
        went = 0;
        for (Account* account : accounts) {
            const bool has_keys = !m_plan.target.tables[account->table].foreign_keys.empty();
            if (!again || (has_keys && account->dropped > 0)) {
                went += pass(*account, *retry);
            }
        }
        again = true;
    } while (went > 0);
    util::pass_kill_point("retry-commit");
    retry->commit(account_of_plan());
    util::pass_kill_point("retry-committed");
    return take(true);
}

/// All letters of a table once. Returns how many rows were inserted.
std::uint64_t LetterRetryRun::pass(Account& account, backend::LetterRetry& retry) {
    const std::uint64_t before = account.result.inserted;
    const plan::LetterRows rows(m_plan, account.table);
    account.counts = {};
    account.result.tried = account.result.inserted + account.result.filled;
    std::optional<backend::LetterRetry::Place> after;
    while (is_wanted(account)) {
        const std::vector<DeadLetter> letters = retry.letters(account.table, after, k_letters_at_once);
        if (letters.empty()) {
            break;
        }
        for (const DeadLetter& letter : letters) {
            m_context.check_stop();
            DeadLetter mended;
            if (const DeadLetter* tried = wanted(account, letter, mended)) {
                ++account.result.tried;
                if (attempt(account, rows, *tried, letter, retry)) {
                    retry.remove(account.table, letter);
                    util::pass_kill_point("retry-row");
                }
            }
        }
        after = {letters.back().chunk, letters.back().ordinal};
    }
    return account.result.inserted - before;
}

bool LetterRetryRun::attempt(Account& account, const plan::LetterRows& rows, const DeadLetter& letter,
                             const DeadLetter& stored, backend::LetterRetry& retry) {
    if (letter.kept && plan::changes_others(stored.row, letter.row, stored.column)) {
        refuse(account, letter, letter.column,
               "the row is in its table: only what it has NULL for may be mended", &retry);
        return false;
    }
    const plan::LetterRow row = rows.read(letter);
    if (!row.reason.empty()) {
        refuse(account, letter, row.column, row.reason, &retry);
        return false;
    }
    try {
        write(account, row, letter, retry);
        return true;
    } catch (const Error& error) {
        if (!is_about_row(error)) {
            throw;
        }
        // What a kept row lacks is known by its columns: they stay.
        refuse(account, letter, letter.kept ? letter.column : error.facts().column, error.what(), &retry);
        return false;
    }
}

void LetterRetryRun::write(Account& account, const plan::LetterRow& row, const DeadLetter& letter,
                           backend::LetterRetry& retry) {
    if (!letter.kept) {
        retry.insert(account.table, row.batch);
        ++account.result.inserted;
        --account.dropped;
        return;
    }
    if (row.columns.empty()) {
        throw Error(ErrorCode::row, "the columns that have NULL now cannot be told by their names");
    }
    if (!m_plan.target.tables[account.table].primary_key) {
        throw Error(ErrorCode::row, "its table has no primary key by which the row could be found again");
    }
    retry.fill(account.table, row.batch, row.columns);
    ++account.result.filled;
    --account.nulled;
}

void LetterRetryRun::refuse(Account& account, const DeadLetter& letter, const std::string& column,
                            const std::string& reason, backend::LetterRetry* retry) {
    RejectedRow counted;
    counted.column = column;
    counted.reason = reason;
    counted.kept = letter.kept;
    account.counts.add(counted);
    if (retry != nullptr) {
        DeadLetter again = letter;
        again.column = letter.kept ? letter.column : column;
        again.reason = reason;
        retry->refuse(account.table, again);
    }
}

/// The plan as the target keeps it, with what is left of its dead letters.
std::string LetterRetryRun::account_of_plan() const {
    MigrationPlan plan = m_plan;
    std::erase_if(plan.findings, [](const Finding& finding) { return finding.code == k_rows_rejected; });
    for (const Account& account : m_accounts) {
        if (account.dropped + account.nulled > 0) {
            plan.findings.push_back(
                rows_rejected(plan.id, account.result.table, account.dropped, account.nulled));
        }
    }
    return render_json(plan);
}

DeadLetterRetry LetterRetryRun::take(bool executed) {
    DeadLetterRetry result;
    result.id = m_plan.id;
    result.executed = executed;
    for (Account* account : in_order()) {
        account->result.left = account->dropped + account->nulled;
        account->result.reasons = account->counts.list();
        result.tables.push_back(std::move(account->result));
    }
    result.findings = std::move(m_findings);
    return result;
}

}  // namespace migrate
