// The dead letters of migrations into JSON. They lie beside what is shown, which says how often they were
// retried, and by that which of them belong to it.

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/json/dead_letter_file.hpp"
#include "backends/json/json_target.hpp"
#include "backends/json/letter_retry.hpp"

namespace migrate::backends::json {

void JsonTarget::dead_letters(const std::string& migration,
                              const std::function<void(const DeadLetter&)>& take) {
    const Staging stage = staging_of(migration);
    const RetryFiles retry = stage.retry();
    // Those of a retry that is just ending have their own name by now, where they are no longer there.
    if (!retry.has_any() || !read_dead_letters(retry.letters(retries_of(migration)), take)) {
        read_dead_letters(stage.dead_letters_path(), take);
    }
}

std::string JsonTarget::dead_letter_place(const std::string& migration) const {
    return staging_of(migration).dead_letters_path();
}

std::uint64_t JsonTarget::retries_of(const std::string& migration) const {
    const auto layout = detect_layout(m_path);
    if (!layout) {
        return 0;
    }
    const Manifest manifest = read_manifest(m_path, *layout);
    const auto found = std::find_if(manifest.migrations.begin(), manifest.migrations.end(),
                                    [&](const auto& one) { return one.id == migration; });
    return found == manifest.migrations.end() ? 0 : found->retries;
}

void JsonTarget::require_letter_retry(const backend::TargetPlan& plan) {
    follow(plan);
    m_layout = detect_layout(m_path).value_or(m_layout);
    if (!is_written_anew(m_layout)) {
        return;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::unsupported;
    facts.backend = "json";
    facts.next_step =
        "Write the rows to a file with dead-letters export, mend them at the source and migrate again, or "
        "use "
        "--layout tables or --layout file.";
    throw Error(std::move(facts), "dead letters are not retried into documents, as those at " + m_path +
                                      " are: a row stands inside of others there, and each document is put "
                                      "together from all of its rows at once");
}

std::unique_ptr<backend::LetterRetry> JsonTarget::retry_letters(const backend::TargetPlan& plan) {
    require_letter_retry(plan);
    return make_letter_retry(m_path, m_layout, plan, m_encode);
}

/// A retry that was killed: where it was shown its letters and its record get their names, else it leaves
/// nothing.
void JsonTarget::finish_interrupted_retry() const {
    for (const std::string& path : find_staging(m_path)) {
        const RetryFiles retry(m_path, path);
        if (!retry.has_any()) {
            continue;
        }
        retry.name_target();
        // Where somebody has taken away what is shown, nobody can tell which of both it was.
        const std::string migration = migration_of(m_path, path);
        if (lists(m_path, migration)) {
            retry.settle(retries_of(migration));
        }
    }
}

}  // namespace migrate::backends::json
