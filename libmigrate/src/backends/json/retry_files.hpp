#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "backends/json/manifest.hpp"

namespace migrate::backends::json {

/// What a retry of dead letters has in a migration's staging directory until it is over. What it makes takes
/// the target's name in one step, and its manifest has the number of the retry: it says which letters, and
/// which record of the migration, belong to the rows that are shown.
///   retry                      what is to be shown; afterwards what was shown before
///   retry.old                  that, where the file system has no exchange
///   state/dead_letters-N.ndjson, state/migration-N.json   of retry N, until they have their own names
class RetryFiles {
  public:
    RetryFiles(std::string target, std::string staging);

    std::string result() const;
    std::string letters(std::uint64_t number) const;
    std::string record(std::uint64_t number) const;

    /// The migration's record that belongs to what is shown; nullopt where it is not readable as one.
    std::optional<Manifest> record_of(std::uint64_t shown) const;

    /// Gives result() the target's name. False where what had it is no longer what `is_as_it_was` says once
    /// nobody else can reach it by that name: it has its name back then. Durable on return.
    template <typename Check>
    bool show(const Check& is_as_it_was) const {
        const std::string before = swap();
        if (!is_as_it_was(before)) {
            swap_back(before);
            return false;
        }
        sync_names();
        return true;
    }

    /// There is something of a retry that is not over.
    bool has_any() const;
    /// Gives the target its name where a retry without the exchange was killed between its two renames.
    void name_target() const;
    /// Ends a retry: what belongs to the number that the shown manifest has gets its own name, all else is
    /// removed.
    void settle(std::uint64_t shown) const;

  private:
    std::string old() const { return result() + ".old"; }
    std::string swap() const;
    void swap_back(const std::string& before) const;
    void sync_names() const;

    std::string m_target;
    std::string m_staging;
    std::string m_state;
};

}  // namespace migrate::backends::json
