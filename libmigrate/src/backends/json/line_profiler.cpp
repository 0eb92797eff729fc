// Lines are profiled by several threads, and what comes out is what one would have found.

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "backends/json/field_merge.hpp"
#include "backends/json/line_offsets.hpp"
#include "backends/json/records_profile.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::uint64_t k_first_bytes = std::uint64_t{1} << 16U;

/// The members that all records before have had, as a piece begins with them.
struct Seed {
    FieldSet members;
    std::size_t size = 0;
    std::size_t fields = 0;  // that all sets have cost so far
};

struct Piece {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::shared_ptr<const Seed> seed;
    std::unique_ptr<RecordsProfile> found;
    BrokenLines broken;
    std::exception_ptr error;
    bool is_done = false;
};

class LineProfiler {
  public:
    LineProfiler(const RecordSpec& part, const Collection& collection, const DocumentOptions& options,
                 const ProfileWatch& watch, RecordsProfile& into, std::uint64_t piece_bytes)
        : m_part(part),
          m_collection(collection),
          m_options(options),
          m_watch(watch),
          m_into(into),
          m_piece_bytes(piece_bytes),
          m_file(io::File::open_read(part.path)),
          m_size(m_file.stamp().size),
          m_next(part.begin) {}

    BrokenLines run() {
        // Some records tell most of what all have; without them every first piece would be read twice.
        m_next = cut(m_part.begin + std::min(m_piece_bytes, k_first_bytes));
        profile_here(m_part.begin, m_next);
        grow_seed();
        {
            std::vector<std::jthread> threads;
            const AtEnd at_end{*this};
            for (unsigned i = 1; i < m_watch.threads; ++i) {
                threads.emplace_back([this] { help(); });
            }
            while (const std::shared_ptr<Piece> piece = next_in_order()) {
                take_over(*piece);
            }
        }
        if (m_next < m_size) {
            profile_here(m_next, m_size);
        }
        return std::move(m_broken);
    }

  private:
    /// Lets the threads come to an end, whatever the caller's has met.
    struct AtEnd {
        LineProfiler& profiler;
        ~AtEnd() { profiler.stop(); }
    };

    std::uint64_t cut(std::uint64_t offset) const {
        return offset >= m_size ? m_size : next_line(m_file, offset);
    }

    RecordSpec spec_of(std::uint64_t begin, std::uint64_t end) {
        RecordSpec spec = m_part;
        spec.begin = begin;
        spec.end = end;
        spec.find_line = [this, begin] { return m_lines.line_at(m_part.path, begin); };
        return spec;
    }

    // Into the profile itself, as one thread would.
    void profile_here(std::uint64_t begin, std::uint64_t end) {
        m_broken.add(profile_part(spec_of(begin, end), m_collection, m_options, m_watch, m_into));
    }

    void grow_seed() {
        const std::size_t size = structure_size(m_into.profile.members);
        if (m_seed && m_seed->size == size) {
            return;
        }
        auto seed = std::make_shared<Seed>();
        seed->members = skeleton_of(m_into.profile.members);
        seed->size = size;
        seed->fields = m_into.limits.fields;
        const std::scoped_lock lock(m_mutex);
        m_seed = std::move(seed);
    }

    bool may_begin() const { return m_next < m_size && m_pieces.size() < 2 * std::size_t{m_watch.threads}; }

    std::shared_ptr<Piece> begin_piece() {
        auto piece = std::make_shared<Piece>();
        piece->begin = m_next;
        piece->seed = m_seed;
        try {
            piece->end = cut(m_next + m_piece_bytes);
        } catch (...) {
            // Told in its turn, by the thread that was asked: this one may have no caller.
            piece->error = std::current_exception();
            piece->is_done = true;
            piece->end = m_size;
        }
        m_next = piece->end;
        m_pieces.push_back(piece);
        m_changed.notify_all();
        return piece;
    }

    void work(Piece& piece) {
        if (piece.error) {
            return;
        }
        try {
            auto found = std::make_unique<RecordsProfile>(m_collection, m_options);
            found->profile.members = skeleton_of(piece.seed->members);
            found->limits.fields = piece.seed->fields;
            ProfileWatch watch;
            watch.stop = m_watch.stop;
            watch.rate = m_watch.rate;
            piece.broken =
                profile_part(spec_of(piece.begin, piece.end), m_collection, m_options, watch, *found);
            piece.found = std::move(found);
        } catch (...) {
            piece.error = std::current_exception();
        }
        const std::scoped_lock lock(m_mutex);
        piece.is_done = true;
        m_changed.notify_all();
    }

    void help() {
        for (;;) {
            std::shared_ptr<Piece> piece;
            {
                std::unique_lock lock(m_mutex);
                m_changed.wait(lock, [this] { return m_is_over || m_next >= m_size || may_begin(); });
                if (m_is_over || m_next >= m_size) {
                    return;
                }
                piece = begin_piece();
            }
            work(*piece);
        }
    }

    // Works itself while the next one is under way. Nullptr at the end, and once pieces are of no use.
    std::shared_ptr<Piece> next_in_order() {
        std::unique_lock lock(m_mutex);
        while (!m_is_over && (!m_pieces.empty() || m_next < m_size)) {
            if (!m_pieces.empty() && m_pieces.front()->is_done) {
                const std::shared_ptr<Piece> piece = m_pieces.front();
                m_pieces.pop_front();
                m_changed.notify_all();
                return piece;
            }
            if (may_begin()) {
                const std::shared_ptr<Piece> piece = begin_piece();
                lock.unlock();
                work(*piece);
                lock.lock();
            } else {
                m_changed.wait(lock);
            }
        }
        return nullptr;
    }

    void take_over(const Piece& piece) {
        if (piece.error) {
            std::rethrow_exception(piece.error);
        }
        const FieldSet& members = piece.found->profile.members;
        ProfileLimits known = m_into.limits;
        known.fields = piece.seed->fields;
        if (has_entries(members) || most_fields(known) != most_fields(m_into.limits) ||
            structure_size(members) != piece.seed->size || !piece.found->candidates.are_in_memory()) {
            profile_here(piece.begin, piece.end);
            give_up_where_keys_are_data(piece.end);
            return;
        }
        add(*piece.found);
        m_broken.add(piece.broken);
        if (m_watch.progress) {
            m_watch.progress(m_into.profile.records);
        }
    }

    void add(const RecordsProfile& found) {
        CollectionProfile& all = m_into.profile;
        all.records += found.profile.records;
        all.all_objects = all.all_objects && found.profile.all_objects;
        all.has_duplicate_keys = all.has_duplicate_keys || found.profile.has_duplicate_keys;
        add_counts(found.profile.members, all.members);
        m_into.candidates.add(found.candidates);
    }

    // Which of very many keys are data depends on the order of all records: what follows is read in one go.
    void give_up_where_keys_are_data(std::uint64_t end) {
        if (!has_entries(m_into.profile.members)) {
            grow_seed();
            return;
        }
        stop();
        const std::scoped_lock lock(m_mutex);
        m_next = end;
    }

    void stop() {
        const std::scoped_lock lock(m_mutex);
        m_is_over = true;
        m_changed.notify_all();
    }

    const RecordSpec& m_part;
    const Collection& m_collection;
    const DocumentOptions& m_options;
    const ProfileWatch& m_watch;
    RecordsProfile& m_into;
    std::uint64_t m_piece_bytes;
    io::File m_file;
    std::uint64_t m_size;
    LineNumbers m_lines;
    BrokenLines m_broken;

    std::mutex m_mutex;  ///< Guards all below.
    std::condition_variable m_changed;
    std::uint64_t m_next;  // where the next piece begins
    std::shared_ptr<const Seed> m_seed;
    std::deque<std::shared_ptr<Piece>> m_pieces;  // that were begun and not taken over, in their order
    bool m_is_over = false;
};

}  // namespace

BrokenLines profile_lines(const RecordSpec& part, const Collection& collection,
                          const DocumentOptions& options, const ProfileWatch& watch, RecordsProfile& into,
                          std::uint64_t piece_bytes) {
    return LineProfiler(part, collection, options, watch, into, piece_bytes).run();
}

}  // namespace migrate::backends::json
