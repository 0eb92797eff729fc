#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backends/json/claimed_key.hpp"
#include "backends/json/input_stamps.hpp"
#include "backends/json/nesting.hpp"
#include "backends/json/row_removal.hpp"
#include "backends/json/row_writer.hpp"
#include "backends/json/staging.hpp"
#include "io/lock.hpp"

namespace migrate::backends::json {

/// A JSON directory or file, written: staged beside it, shown in one rename.
class JsonTarget : public backend::Target {
  public:
    /// Finishes a cutover that a crash left between its two renames. Throws: Error{usage} for an unknown
    /// layout.
    JsonTarget(const Endpoint& endpoint, const backend::OpenContext& context);

    backend::SourceInfo describe() override;
    std::vector<QualifiedName> existing_tables() override;
    backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options) override;
    std::vector<Finding> preflight(const backend::TargetPlan& plan, std::uint64_t bytes) override;
    std::vector<std::string> sql(const backend::TargetPlan& plan) override;
    void lock(const std::string& migration) override;
    void begin(const backend::TargetPlan& plan) override;
    std::unique_ptr<backend::Writer> open_writer() override;
    std::vector<backend::BuildStep> build_steps() override;
    backend::BuildResult build(const backend::BuildStep& step) override;
    std::unique_ptr<backend::Source> open_staging() override;
    void mark_ready(const std::string& plan_json) override;
    void keep_audit_head(const std::string& head) override;
    std::vector<Finding> cutover(const backend::Account& account) override;
    Schema existing_schema(const std::vector<QualifiedName>& names) override;
    RollbackResult rollback(const backend::RollbackRequest& request) override;
    void abandon(const std::string& migration) override;
    std::uint64_t finalize(const std::string& migration) override;
    void dead_letters(const std::string& migration,
                      const std::function<void(const DeadLetter&)>& take) override;
    void require_letter_retry(const backend::TargetPlan& plan) override;
    std::unique_ptr<backend::LetterRetry> retry_letters(const backend::TargetPlan& plan) override;
    [[nodiscard]] std::string dead_letter_place(const std::string& migration) const override;
    std::vector<backend::RecordedMigration> recorded_migrations() override;
    void reopen(const backend::TargetPlan& plan) override;
    backend::Resumption resume(const backend::TargetPlan& plan) override;
    bool take_back(const backend::TargetPlan& plan, const std::vector<backend::StaleRows>& stale,
                   backend::Resumption& staged) override;
    void empty_staging(const backend::TargetPlan& plan) override;
    std::string stored_digest(const std::string& table) override;

  private:
    std::optional<Manifest> existing() const;
    void choose_layout(const Schema& source, backend::Adoption& adoption) const;
    /// Documents that go back to where they came from have none.
    static bool has_manifest(const Schema& adopted);
    bool is_file_name() const;
    void follow(const backend::TargetPlan& plan);
    TableRows staged_rows(std::size_t table);
    std::optional<TableRows> rows_referred_to(const ForeignKey& key);
    Violators orphans_of(std::size_t table, const ForeignKey& key);
    void remove_orphans(RowRemoval& removal);
    backend::BuildResult check_references(std::size_t table);
    void finish_interrupted_cutover();
    void finish_interrupted_rollback() const;
    void finish_interrupted_retry() const;
    /// Of the migration's dead letters, as what is shown says.
    std::uint64_t retries_of(const std::string& migration) const;
    bool shows_documents(const std::string& migration) const;
    bool keeps_documents(const std::string& migration) const;
    /// As RecordedMigration has it; empty where the target does not know the migration.
    std::string state_of(const std::string& migration) const;
    /// Requires: the migration's staging directory.
    std::string settled(const backend::RecordedMigration& staged) const;
    void roll_back_database(const backend::RollbackRequest& request, RollbackResult& result);
    void require_work(const std::string& migration) const;
    /// Throws: Error{not_found} where the target no longer shows it.
    Manifest shown_by(const std::string& migration) const;
    /// Puts what was there before back in its place; `stages`: what is taken away is what was staged. Throws:
    /// Error{unsupported}, with nothing changed, where only an exchange would be safe and there is none.
    void take_back_shown(const backend::RecordedMigration& migration, bool stages) const;
    void roll_back_documents(const RollbackOptions& options, const std::vector<WrittenFile>& written,
                             RollbackResult& result);
    void look_for_changes(const Manifest& now, const Manifest* former, const std::string& kept,
                          const RollbackOptions& options, RollbackResult& result) const;
    Staging documents_staging(const std::string& migration, const std::vector<WrittenFile>& written) const;
    void prepare();
    void swap_in();
    /// After it; `all`: nothing is kept of the staging directory.
    void clear_up(bool replaces, bool all);
    bool drops_work(bool replaces) const;
    Staging& staging();
    Staging staging_of(const std::string& migration) const { return {m_path, m_layout, migration}; }

    std::string m_path;
    bool m_names_directory = false;
    std::string m_asked_layout;  // empty: by what the data is
    std::vector<NestWish> m_nest_wishes;
    std::size_t m_most_levels = 0;
    Layout m_layout = Layout::tables;
    EncodeOptions m_encode;
    backend::TargetPlan m_plan;
    std::optional<Staging> m_staging;
    std::unique_ptr<io::FileLock> m_lock;
    bool m_prepared = false;
    InputStamps m_staged_stamps;  // of files that only this run writes, so none
};

}  // namespace migrate::backends::json
