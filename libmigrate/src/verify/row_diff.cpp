#include "verify/row_diff.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <string>
#include <utility>

#include <xxhash.h>

#include "model/value_text.hpp"
#include "util/byte_order.hpp"
#include "util/hex.hpp"

namespace migrate::verify {
namespace {

// Buckets of the key's hash: enough that one bucket of 100 million rows is a few thousand rows.
constexpr std::size_t k_buckets = 16'384;
// Rows of differing buckets kept at once, over what the caller wants: a bucket holds equal rows too.
constexpr std::size_t k_kept_rows = 50'000;

struct Bucket {
    std::uint64_t rows = 0;
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
};

/// A value with its class, as SQLite's quote() spells it; a real always has a point or an exponent.
void append_literal(std::string_view value, std::string& out) {
    const char tag = value.empty() ? 't' : value.front();
    const std::string_view rest = value.substr(std::min<std::size_t>(value.size(), 1));
    if (tag == 't') {
        out += '\'';
        for (const char c : rest) {
            out.append(c == '\'' ? 2 : 1, c);
        }
        out += '\'';
    } else if (tag == 'b') {
        out += "x'" + util::to_hex(rest) + "'";
    } else if (tag == 'i') {
        out += std::to_string(util::load_big<std::int64_t>(rest.data()));
    } else {
        const std::size_t begin = out.size();
        model::append_float64(std::bit_cast<double>(util::load_big<std::uint64_t>(rest.data())), out);
        out += out.find_first_not_of("-0123456789", begin) == std::string::npos ? ".0" : "";
    }
}

std::string cell_text(const ColumnVector& column, std::size_t row, const LogicalType& type) {
    if (column.is_null(row)) {
        return "NULL";
    }
    std::string out;
    if (type.kind == TypeKind::variant) {
        append_literal(column.bytes(row), out);
        return out;
    }
    model::append_text(column, row, type, out);
    return out;
}

/// The row's cells as text, NULL told apart from the word.
using Cells = std::vector<std::pair<bool, std::string>>;

Cells cells_of(const RowBatch& batch, std::size_t row, const std::vector<LogicalType>& types) {
    Cells cells;
    for (std::size_t c = 0; c < types.size(); ++c) {
        cells.emplace_back(batch.columns[c].is_null(row), cell_text(batch.columns[c], row, types[c]));
    }
    return cells;
}

class RowDiff {
  public:
    RowDiff(backend::Source& a, backend::Source& b, const TablePair& pair, const ScanContext& context)
        : m_a(a), m_b(b), m_pair(pair), m_context(context) {}

    std::vector<RowDifference> run(std::uint64_t max_rows, bool& truncated) {
        std::vector<Bucket> buckets_a(k_buckets);
        std::vector<Bucket> buckets_b(k_buckets);
        for (const DigestTask& task : m_pair.tasks_a) {
            fill_buckets(m_a, task, buckets_a);
        }
        fill_buckets(m_b, m_pair.task_b, buckets_b);
        choose_buckets(buckets_a, buckets_b, truncated);
        for (const DigestTask& task : m_pair.tasks_a) {
            collect(m_a, task, &Sides::a);
        }
        collect(m_b, m_pair.task_b, &Sides::b);
        std::vector<RowDifference> out;
        for (const auto& [key, sides] : m_rows) {
            report_key(sides, max_rows, out, truncated);
        }
        return out;
    }

  private:
    struct Sides {
        std::vector<Cells> a;
        std::vector<Cells> b;
    };

    void key_bytes(const RowBatch& batch, std::size_t row, std::string& out) const {
        out.clear();
        const auto add = [&](std::size_t c) {
            const std::string text = cell_text(batch.columns[c], row, m_pair.types[c]);
            out += batch.columns[c].is_null(row) ? 'n' : 'v';
            out += std::to_string(text.size());
            out += ':';
            out += text;
        };
        if (m_pair.key.empty()) {
            for (std::size_t c = 0; c < m_pair.types.size(); ++c) {
                add(c);
            }
        } else {
            for (const std::size_t c : m_pair.key) {
                add(c);
            }
        }
    }

    static std::size_t bucket_of(const std::string& key) {
        return XXH3_64bits(key.data(), key.size()) % k_buckets;
    }

    void fill_buckets(backend::Source& source, const DigestTask& task, std::vector<Bucket>& buckets) {
        std::string key;
        std::string row_bytes;
        scan_table(source, task, m_context, [&](const RowBatch& batch) {
            for (std::size_t row = 0; row < batch.row_count(); ++row) {
                key_bytes(batch, row, key);
                row_bytes.clear();
                for (std::size_t c = 0; c < m_pair.types.size(); ++c) {
                    const std::string text = cell_text(batch.columns[c], row, m_pair.types[c]);
                    row_bytes += batch.columns[c].is_null(row) ? 'n' : 'v';
                    row_bytes += std::to_string(text.size()) + ':' + text;
                }
                const XXH128_hash_t hash = XXH3_128bits(row_bytes.data(), row_bytes.size());
                Bucket& bucket = buckets[bucket_of(key)];
                ++bucket.rows;
                bucket.low += hash.low64;
                bucket.high += hash.high64;
            }
        });
    }

    void choose_buckets(const std::vector<Bucket>& a, const std::vector<Bucket>& b, bool& truncated) {
        std::uint64_t kept = 0;
        m_chosen.assign(k_buckets, 0);
        for (std::size_t i = 0; i < k_buckets; ++i) {
            if (a[i] == b[i]) {
                continue;
            }
            if (kept > 0 && kept + a[i].rows + b[i].rows > k_kept_rows) {
                truncated = true;
                continue;
            }
            kept += a[i].rows + b[i].rows;
            m_chosen[i] = 1;
        }
    }

    void collect(backend::Source& source, const DigestTask& task, std::vector<Cells> Sides::*side) {
        std::string key;
        scan_table(source, task, m_context, [&](const RowBatch& batch) {
            for (std::size_t row = 0; row < batch.row_count(); ++row) {
                key_bytes(batch, row, key);
                if (m_chosen[bucket_of(key)] != 0) {
                    (m_rows[key].*side).push_back(cells_of(batch, row, m_pair.types));
                }
            }
        });
    }

    void report_key(Sides sides, std::uint64_t max_rows, std::vector<RowDifference>& out,
                    bool& truncated) const {
        std::sort(sides.a.begin(), sides.a.end());
        std::sort(sides.b.begin(), sides.b.end());
        std::vector<Cells> only_a;
        std::vector<Cells> only_b;
        std::set_difference(sides.a.begin(), sides.a.end(), sides.b.begin(), sides.b.end(),
                            std::back_inserter(only_a));
        std::set_difference(sides.b.begin(), sides.b.end(), sides.a.begin(), sides.a.end(),
                            std::back_inserter(only_b));
        for (std::size_t i = 0; i < std::max(only_a.size(), only_b.size()); ++i) {
            if (out.size() >= max_rows) {
                truncated = true;
                return;
            }
            out.push_back(difference(i < only_a.size() ? &only_a[i] : nullptr,
                                     i < only_b.size() ? &only_b[i] : nullptr));
        }
    }

    /// One of the two at most is null.
    [[nodiscard]] RowDifference difference(const Cells* a, const Cells* b) const {
        RowDifference row;
        row.table = m_pair.name_a;
        row.kind = a == nullptr   ? RowDifference::Kind::only_in_target
                   : b == nullptr ? RowDifference::Kind::only_in_source
                                  : RowDifference::Kind::changed;
        const Cells* const any = a != nullptr ? a : b;
        for (std::size_t c = 0; any != nullptr && c < any->size(); ++c) {
            const bool in_key =
                m_pair.key.empty() || std::find(m_pair.key.begin(), m_pair.key.end(), c) != m_pair.key.end();
            if (in_key) {
                row.key.push_back(m_pair.names[c] + "=" + (*any)[c].second);
            }
            if (a != nullptr && b != nullptr && (*a)[c] != (*b)[c]) {
                row.columns.push_back(m_pair.names[c]);
                row.source_values.push_back((*a)[c].second);
                row.target_values.push_back((*b)[c].second);
            }
        }
        return row;
    }

    backend::Source& m_a;
    backend::Source& m_b;
    const TablePair& m_pair;
    const ScanContext& m_context;
    std::vector<char> m_chosen;
    std::map<std::string, Sides> m_rows;
};

}  // namespace

std::vector<RowDifference> differing_rows(backend::Source& a, backend::Source& b, const TablePair& pair,
                                          std::uint64_t max_rows, const ScanContext& context,
                                          bool& truncated) {
    return RowDiff(a, b, pair, context).run(max_rows, truncated);
}

}  // namespace migrate::verify
