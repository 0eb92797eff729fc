#include "backends/json/letter_retry.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <migrate/error.hpp>

#include "backends/json/dead_letter_file.hpp"
#include "backends/json/grown_version.hpp"
#include "backends/json/letter_spill.hpp"
#include "backends/json/manifest_source.hpp"
#include "backends/json/retry_tables.hpp"
#include "backends/json/staging.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::json {
namespace {

[[noreturn]] void refuse(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.backend = "json";
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

[[noreturn]] void refuse_row(const Table& table, const std::string& why) {
    ErrorFacts facts;
    facts.code = ErrorCode::row;
    facts.backend = "json";
    facts.table = table.name.display();
    throw Error(std::move(facts), why);
}

class JsonLetterRetry final : public backend::LetterRetry {
  public:
    JsonLetterRetry(const std::string& path, Layout layout, backend::TargetPlan plan, EncodeOptions options)
        : m_path(path),
          m_layout(layout),
          m_plan(std::move(plan)),
          m_options(options),
          m_staging(path, layout, m_plan.migration),
          m_files(m_staging.retry()),
          m_manifest(read_manifest(path, layout)),
          m_others(m_staging.path()) {
        require_last();
        require_files();
        m_seen.emplace(m_path);
        if (m_layout == Layout::file) {
            m_contents = read_contents(m_path);
        }
        m_tables.emplace(m_path, m_layout, m_manifest, m_contents, m_plan, m_staging.path(), m_options);
        read_letters();
        for (const auto& [table, letters] : m_letters) {
            m_tables->add(table);
        }
    }
    JsonLetterRetry(const JsonLetterRetry&) = delete;
    JsonLetterRetry& operator=(const JsonLetterRetry&) = delete;
    ~JsonLetterRetry() override {
        if (!m_may_be_shown) {
            try {
                m_files.settle(m_number - 1);
            } catch (const Error&) {  // NOLINT(bugprone-empty-catch): whoever takes the lock next does it
            }
        }
    }

    std::vector<DeadLetter> letters(std::size_t table, const std::optional<Place>& after,
                                    std::size_t most) override {
        const auto found = m_letters.find(table);
        return found == m_letters.end() ? std::vector<DeadLetter>() : found->second->page(after, most);
    }

    void insert(std::size_t table, const RowBatch& row) override {
        const RetryTables::Entry entry = m_tables->enter(table);
        entry.rules.require_new(row);
        entry.table.append(row);
    }

    void fill(std::size_t table, const RowBatch& row, const std::vector<std::size_t>& columns) override {
        const auto [grown, rules] = m_tables->enter(table);
        const auto place = rules.place_of(row);
        if (!place) {
            refuse_row(grown.table(), "the row is not in its table any more");
        }
        const auto before = grown.row_at(*place);
        if (!before || std::any_of(columns.begin(), columns.end(), [&](std::size_t column) {
                return !before->columns.at(column).is_null(0);
            })) {
            refuse_row(grown.table(), "the row has another value there by now, or is not the migration's");
        }
        RowBatch after;
        std::vector<std::size_t> filled;
        for (std::size_t i = 0; i < before->columns.size(); ++i) {
            const bool is_given = std::find(columns.begin(), columns.end(), i) != columns.end();
            const ColumnVector& from = is_given ? row.columns.at(i) : before->columns[i];
            after.columns.emplace_back(from.kind()).append_from(from, 0);
            if (is_given && !from.is_null(0)) {
                filled.push_back(i);
            }
        }
        rules.require_filled(after, filled);
        grown.rewrite(*place, *before, after);
    }

    void remove(std::size_t table, const DeadLetter& letter) override {
        m_letters.at(table)->remove(letter);
        m_takes_letters = true;
    }

    void refuse(std::size_t table, const DeadLetter& letter) override { m_letters.at(table)->refuse(letter); }

    void commit(const std::string& plan_json) override {
        write_letters();
        if (!m_takes_letters) {
            // Nothing but reasons is new.
            io::rename_replacing(m_files.letters(m_number), m_staging.dead_letters_path());
            io::sync_directory(io::parent_of(m_staging.dead_letters_path()));
            return;
        }
        write_record(plan_json);
        write_rows();
        util::pass_kill_point("retry-prepared");
        require_unchanged();
        m_may_be_shown = true;
        const bool is_shown =
            m_files.show([&](const std::string& before) { return SeenFiles(before) == *m_seen; });
        if (!is_shown) {
            m_may_be_shown = false;
            refuse_changed();
        }
        util::pass_kill_point("retry-shown");
        m_files.settle(m_number);
    }

  private:
    void require_unchanged() const {
        if (SeenFiles(m_path) != *m_seen) {
            refuse_changed();
        }
    }

    [[noreturn]] void refuse_changed() const {
        json::refuse(ErrorCode::locked,
                     m_path +
                         " was changed by another program while dead letters were retried; nothing was "
                         "changed by the retry",
                     "Try again.");
    }

    /// What a later migration keeps for its rollback would not have the rows, nor their letters.
    void require_last() {
        auto& known = m_manifest.migrations;
        const auto own = std::find_if(known.begin(), known.end(),
                                      [&](const auto& one) { return one.id == m_plan.migration; });
        if (own == known.end()) {
            json::refuse(ErrorCode::not_found,
                         "what migration " + m_plan.migration + " has written is no longer at " + m_path,
                         "Put it back there and try again.");
        }
        m_number = ++own->retries;
        for (auto later = known.begin(); later != own; ++later) {
            if (io::name_taken(Staging(m_path, m_layout, later->id).kept_path())) {
                json::refuse(ErrorCode::refused,
                             "migration " + later->id + " came after " + m_plan.migration +
                                 ", and its rollback would take away what is retried now",
                             "End it first: with finalize, or with rollback.");
            }
        }
    }

    void require_files() const {
        if (m_layout == Layout::file) {
            return;
        }
        for (const std::string& name : io::list_directory(m_path)) {
            const std::string file = io::join(m_path, name);
            if (io::is_symbolic_link(file) || io::kind_of(file) != io::PathKind::file) {
                json::refuse(ErrorCode::refused, file + " is no plain file, and cannot be carried over",
                             "Move it away, and back once the retry is over.");
            }
        }
    }

    void read_letters() {
        const auto& tables = m_plan.schema.tables;
        read_dead_letters(m_staging.dead_letters_path(), [&](const DeadLetter& letter) {
            const auto table = std::find_if(tables.begin(), tables.end(), [&](const Table& one) {
                return one.name.display() == letter.table || one.name.name == letter.table;
            });
            if (table == tables.end()) {
                m_others.add(letter);
                return;
            }
            auto& letters = m_letters[static_cast<std::size_t>(table - tables.begin())];
            if (!letters) {
                letters = std::make_unique<LetterSpill>(m_staging.path());
            }
            letters->add(letter);
        });
    }

    void write_letters() {
        const std::string path = m_files.letters(m_number);
        io::remove_file(path);
        io::File out = io::File::create_new(path);
        const auto write = [&](const std::string& line) { out.write(line); };
        for (const auto& [table, letters] : m_letters) {
            letters->take(write);
        }
        m_others.take(write);
        out.sync();
        out.close();
    }

    void write_record(const std::string& plan_json) {
        auto record = read_state(m_staging.path());
        if (!record || record->migrations.empty()) {
            throw Error(ErrorCode::corrupt, m_staging.path() + " has no record of its migration");
        }
        record->migrations.front().plan_json = plan_json;
        io::write_durable(m_files.record(m_number), render_manifest(*record));
    }

    void write_rows() {
        m_tables->account(m_manifest);
        const GrownVersion version{m_path, m_layout, m_manifest, m_contents, m_tables->grown()};
        write_version(version, m_files.result());
        io::sync_directory(m_staging.path());
        require_unchanged();  // Or what is read back is no matter of the disk.
        ManifestSource source(m_files.result(), m_layout);
        source.pin_snapshot(1);
        for (const auto& [file, table] : version.grown) {
            const std::string digest = to_string(table->digest());
            const RowScan rows = scan_rows(source, table->table(), digest);
            if (rows.rejects > 0 || to_string(rows.digest) != digest) {
                json::refuse(ErrorCode::corrupt,
                             "table " + table->table().name.display() +
                                 " is not read back as it was written; nothing was changed",
                             "Look at the disk of " + m_staging.path() + ".");
            }
        }
    }

    std::string m_path;
    Layout m_layout;
    backend::TargetPlan m_plan;
    EncodeOptions m_options;
    Staging m_staging;
    RetryFiles m_files;
    Manifest m_manifest;  ///< As it will be.
    FileContents m_contents;
    std::optional<SeenFiles> m_seen;
    std::uint64_t m_number = 0;
    std::optional<RetryTables> m_tables;
    std::map<std::size_t, std::unique_ptr<LetterSpill>> m_letters;
    LetterSpill m_others;  ///< Of tables that the plan does not have.
    bool m_takes_letters = false;
    bool m_may_be_shown = false;
};

}  // namespace

std::unique_ptr<backend::LetterRetry> make_letter_retry(const std::string& path, Layout layout,
                                                        const backend::TargetPlan& plan,
                                                        const EncodeOptions& options) {
    return std::make_unique<JsonLetterRetry>(path, layout, plan, options);
}

}  // namespace migrate::backends::json
