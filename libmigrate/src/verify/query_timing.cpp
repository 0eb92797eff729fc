#include "verify/query_timing.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include <migrate/error.hpp>

#include "model/value_text.hpp"

namespace migrate::verify {
namespace {

using Clock = std::chrono::steady_clock;
using Key = std::vector<std::string>;

constexpr std::size_t k_most_tables = 10;
/// Queries of each kind: their median counts.
constexpr std::size_t k_queries = 15;
/// A count reads the whole table.
constexpr std::size_t k_counts = 3;

/// Types whose text means the same to every engine.
bool is_spelled_alike(const LogicalType& a, const LogicalType& b) {
    switch (a.kind) {
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return b.kind == TypeKind::int16 || b.kind == TypeKind::int32 || b.kind == TypeKind::int64;
        case TypeKind::text:
        case TypeKind::uuid:
        case TypeKind::date:
            return a.kind == b.kind;
        default:
            return false;
    }
}

std::vector<std::size_t> places_of(const std::vector<std::string>& names, const Table& table) {
    std::vector<std::size_t> places;
    for (const std::string& name : names) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].name == name) {
                places.push_back(i);
            }
        }
    }
    return places;
}

std::vector<std::size_t> all_of(const Table& table) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].generated && !table.columns[i].hidden) {
            all.push_back(i);
        }
    }
    return all;
}

bool has_comparable_key(const TimedTable& table) {
    if (!table.a->primary_key || !table.b->primary_key ||
        table.a->primary_key->columns.size() != table.b->primary_key->columns.size()) {
        return false;
    }
    const auto a = places_of(table.a->primary_key->columns, *table.a);
    const auto b = places_of(table.b->primary_key->columns, *table.b);
    return a.size() == b.size() && !a.empty() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](std::size_t one, std::size_t other) {
               return is_spelled_alike(table.a->columns[one].type, table.b->columns[other].type);
           });
}

class Timer {
  public:
    Timer(const TimedSides& sides, const std::stop_token& stop) : m_sides(sides), m_stop(stop) {}

    std::vector<QueryTiming> run(const TimedTable& table) {
        m_table = &table;
        if (m_sides.find_rows && has_comparable_key(table)) {
            const std::vector<Key> keys = some_keys();
            time_points(keys);
            time_ranges(keys);
        }
        add(QueryTiming::Query::aggregate, k_counts, [this](bool of_a, std::size_t) {
            of_a ? m_sides.a.count_rows(*m_table->a) : m_sides.b.count_rows(*m_table->b);
        });
        return std::move(m_timings);
    }

  private:
    /// Of rows spread over the first batch.
    std::vector<Key> some_keys() {
        ScanSpec spec;
        spec.table = m_table->a;
        spec.columns = places_of(m_table->a->primary_key->columns, *m_table->a);
        RowBatch batch;
        m_sides.a.open_reader(spec)->next(batch);
        std::vector<Key> keys;
        const std::size_t step = batch.row_count() / k_queries + 1;
        for (std::size_t row = 0; row < batch.row_count(); row += step) {
            Key key;
            for (std::size_t i = 0; i < spec.columns.size() && !batch.columns[i].is_null(row); ++i) {
                std::string text;
                model::append_text(batch.columns[i], row, m_table->a->columns[spec.columns[i]].type, text);
                key.push_back(std::move(text));
            }
            if (key.size() == spec.columns.size()) {
                keys.push_back(std::move(key));
            }
        }
        return keys;
    }

    void time_points(const std::vector<Key>& keys) {
        add(QueryTiming::Query::point, keys.size(), [&](bool of_a, std::size_t i) {
            ScanSpec spec = spec_of(of_a);
            spec.keys = {keys[i]};
            read(of_a, spec);
        });
    }

    /// Between the keys of two rows that follow each other in the sample.
    void time_ranges(const std::vector<Key>& keys) {
        if (keys.size() < 2 || keys.front().size() != 1) {
            return;
        }
        add(QueryTiming::Query::range, keys.size() - 1, [&](bool of_a, std::size_t i) {
            ScanSpec spec = spec_of(of_a);
            spec.watermark =
                Watermark{spec.table->primary_key->columns.front(), keys[i].front(), keys[i + 1].front()};
            read(of_a, spec);
        });
    }

    [[nodiscard]] ScanSpec spec_of(bool of_a) const {
        ScanSpec spec;
        spec.table = of_a ? m_table->a : m_table->b;
        spec.columns = all_of(*spec.table);
        return spec;
    }

    void read(bool of_a, const ScanSpec& spec) const {
        const auto reader = (of_a ? m_sides.a : m_sides.b).open_reader(spec);
        RowBatch batch;
        while (reader->next(batch)) {
        }
    }

    /// Each once before, so that neither side is the first to touch a page.
    void add(QueryTiming::Query kind, std::size_t queries,
             const std::function<void(bool of_a, std::size_t query)>& ask) {
        if (queries == 0) {
            return;
        }
        QueryTiming timing{m_table->name, kind, queries, {}, {}};
        for (const bool of_a : {true, false}) {
            std::vector<Clock::duration> times;
            for (std::size_t i = 0; i < queries; ++i) {
                if (m_stop.stop_requested()) {
                    throw Error(ErrorCode::cancelled, "stopped as asked");
                }
                if (i == 0 || kind != QueryTiming::Query::aggregate) {
                    ask(of_a, i);
                }
                const Clock::time_point start = Clock::now();
                ask(of_a, i);
                times.push_back(Clock::now() - start);
            }
            const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
            std::nth_element(times.begin(), middle, times.end());
            (of_a ? timing.source : timing.target) =
                std::chrono::duration_cast<std::chrono::microseconds>(*middle);
        }
        m_timings.push_back(timing);
    }

    const TimedSides& m_sides;
    const std::stop_token& m_stop;
    const TimedTable* m_table = nullptr;
    std::vector<QueryTiming> m_timings;
};

}  // namespace

std::vector<QueryTiming> time_queries(const TimedSides& sides, std::vector<TimedTable> tables,
                                      const std::stop_token& stop) {
    std::stable_sort(tables.begin(), tables.end(), [](const TimedTable& x, const TimedTable& y) {
        return x.a->row_estimate > y.a->row_estimate;
    });
    tables.resize(std::min(tables.size(), k_most_tables));
    std::vector<QueryTiming> timings;
    for (const TimedTable& table : tables) {
        auto some = Timer(sides, stop).run(table);
        timings.insert(timings.end(), some.begin(), some.end());
    }
    return timings;
}

}  // namespace migrate::verify
