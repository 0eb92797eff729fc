#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <migrate/dead_letter.hpp>

#include "backend/letter_retry.hpp"
#include "backends/json/sorted_spill.hpp"

namespace migrate::backends::json {

/// The dead letters of one table while they are retried, in bounded memory. They are gone through from the
/// first to the last, any number of times; what is taken out, or written anew, is one of those that were
/// handed over last. Not thread-safe.
class LetterSpill {
  public:
    using Place = backend::LetterRetry::Place;

    /// `directory`: where temporary files are made.
    explicit LetterSpill(std::string directory);

    /// Requires: no page() yet.
    void add(const DeadLetter& letter);
    /// The letters behind a place, which is that of the last one handed over; nullopt: from the first.
    std::vector<DeadLetter> page(const std::optional<Place>& after, std::size_t most);
    void remove(const DeadLetter& letter);
    /// Gives it the other's column and reason.
    void refuse(const DeadLetter& letter);
    /// All that are left, as lines, in order.
    void take(const std::function<void(const std::string& line)>& line);

  private:
    void put_back();
    std::vector<DeadLetter>::iterator find(const DeadLetter& letter);
    void rewind();

    std::string m_directory;
    SortedSpill m_ahead;
    SortedSpill m_behind;
    bool m_is_read = false;
    std::vector<DeadLetter> m_page;
    std::optional<Place> m_last;  // handed over
};

}  // namespace migrate::backends::json
