#include "verify/compare.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "util/ascii.hpp"
#include "verify/schema_compare.hpp"

namespace migrate::verify {
namespace {

/// Exactly, then without the schema, then without case.
const Table* find_counterpart(const QualifiedName& name, const Schema& b) {
    if (const Table* exact = b.find_table(name)) {
        return exact;
    }
    const auto find = [&](auto same) -> const Table* {
        const auto it = std::find_if(b.tables.begin(), b.tables.end(), same);
        return it == b.tables.end() ? nullptr : &*it;
    };
    if (const Table* plain = find([&](const Table& t) { return t.name.name == name.name; })) {
        return plain;
    }
    return find([&](const Table& t) { return util::equals_ignore_case(t.name.name, name.name); });
}

std::size_t find_column(const Table& table, const std::string& name) {
    const auto exact = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const Column& c) { return c.name == name; });
    const auto it = exact != table.columns.end()
                        ? exact
                        : std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& c) {
                              return util::equals_ignore_case(c.name, name);
                          });
    return static_cast<std::size_t>(it - table.columns.begin());
}

void add_note(TablePair& pair, const std::string& text) {
    pair.note += (pair.note.empty() ? "" : "; ") + text;
}

void finish_pair(TablePair& pair) {
    std::vector<LogicalType> from_a;
    std::vector<LogicalType> from_b;
    std::vector<std::string> names_b;
    for (std::size_t i = 0; i < pair.types.size(); ++i) {
        from_a.push_back(pair.a->columns[pair.task_a.columns[i]].type);
        from_b.push_back(pair.b->columns[pair.task_b.columns[i]].type);
        names_b.push_back(pair.b->columns[pair.task_b.columns[i]].name);
    }
    pair.task_a.transform = mapping::Transform(std::move(from_a), pair.types, pair.names);
    pair.task_b.transform = mapping::Transform(std::move(from_b), pair.types, std::move(names_b));
    if (pair.a->primary_key) {
        for (const std::string& column : pair.a->primary_key->columns) {
            const auto it = std::find(pair.names.begin(), pair.names.end(), column);
            if (it == pair.names.end()) {
                pair.key.clear();
                return;
            }
            pair.key.push_back(static_cast<std::size_t>(it - pair.names.begin()));
        }
    }
}

TablePair make_pair(const Table& a, const Table& named, const Table& b) {
    TablePair pair;
    pair.a = &a;
    pair.b = &b;
    pair.task_a.table = &a;
    pair.task_b.table = &b;
    std::vector<char> matched(b.columns.size(), 0);
    for (std::size_t i = 0; i < a.columns.size(); ++i) {
        if (a.columns[i].hidden) {
            continue;
        }
        const std::size_t j = find_column(b, named.columns[i].name);
        if (j == b.columns.size()) {
            add_note(pair, "column " + a.columns[i].name + " is only at the source");
            continue;
        }
        matched[j] = 1;
        const auto type = mapping::comparison_type(a.columns[i].type, b.columns[j].type);
        if (!type) {
            add_note(pair, "column " + a.columns[i].name + " is " + to_string(a.columns[i].type) + " and " +
                               to_string(b.columns[j].type) + ", which cannot be compared");
            continue;
        }
        pair.task_a.columns.push_back(i);
        pair.task_b.columns.push_back(j);
        pair.types.push_back(*type);
        pair.names.push_back(a.columns[i].name);
    }
    for (std::size_t j = 0; j < b.columns.size(); ++j) {
        if (matched[j] == 0 && !b.columns[j].hidden) {
            add_note(pair, "column " + b.columns[j].name + " is only at the target");
        }
    }
    finish_pair(pair);
    return pair;
}

std::vector<DigestTask> tasks_of(const Pairing& pairing, DigestTask TablePair::*side) {
    std::vector<DigestTask> tasks;
    for (const TablePair& pair : pairing.pairs) {
        tasks.push_back(pair.*side);
    }
    return tasks;
}

struct BothDigests {
    std::vector<TableDigest> a;
    std::vector<TableDigest> b;
};

/// The two sides are read side by side: they are different engines, files or servers as a rule.
BothDigests digest_both(backend::Source& a, backend::Source& b, const Pairing& pairing,
                        const CompareContext& context) {
    BothDigests both;
    std::exception_ptr error_b;
    const auto progress = [&](std::size_t task, std::uint64_t rows) {
        if (context.progress) {
            context.progress(pairing.pairs[task].a->name.display(), rows);
        }
    };
    {
        const std::jthread other([&] {
            try {
                both.b = digest_tables(b, tasks_of(pairing, &TablePair::task_b),
                                       {context.threads_b, context.stop, {}});
            } catch (...) {
                error_b = std::current_exception();
            }
        });
        both.a = digest_tables(a, tasks_of(pairing, &TablePair::task_a),
                               {context.threads_a, context.stop, progress});
    }
    if (error_b) {
        std::rethrow_exception(error_b);
    }
    return both;
}

void judge(TableComparison& table, const TableDigest* a, const TableDigest* b, const std::string& note) {
    table.note = note;
    const auto differs = [&](const std::string& why) {
        table.note += (table.note.empty() ? "" : "; ") + why;
    };
    if (table.source_rows != table.target_rows) {
        differs("row counts differ");
    }
    if (a != nullptr && b != nullptr) {
        table.source_digest = a->digest;
        table.target_digest = b->digest;
        if (a->not_comparable + b->not_comparable > 0) {
            differs(std::to_string(a->not_comparable + b->not_comparable) +
                    " rows hold values that the other side's type cannot hold");
        } else if (!(a->digest == b->digest)) {
            differs("values differ");
        }
    }
    table.equal = table.note.empty();
}

}  // namespace

Pairing pair_tables(const Schema& a, const Schema& a_named, const Schema& b) {
    Pairing pairing;
    std::vector<const Table*> taken;
    for (std::size_t i = 0; i < a.tables.size(); ++i) {
        const Table* other = find_counterpart(a_named.tables[i].name, b);
        if (other == nullptr || std::find(taken.begin(), taken.end(), other) != taken.end()) {
            pairing.only_a.push_back(&a.tables[i]);
            continue;
        }
        taken.push_back(other);
        pairing.pairs.push_back(make_pair(a.tables[i], a_named.tables[i], *other));
    }
    for (const Table& table : b.tables) {
        if (std::find(taken.begin(), taken.end(), &table) == taken.end()) {
            pairing.only_b.push_back(&table);
        }
    }
    return pairing;
}

TablePair planned_pair(const Table& a, const Table& b, const std::vector<std::size_t>& columns_a,
                       const std::vector<std::size_t>& columns_b) {
    TablePair pair;
    pair.a = &a;
    pair.b = &b;
    pair.task_a.table = &a;
    pair.task_b.table = &b;
    pair.task_a.columns = columns_a;
    pair.task_b.columns = columns_b;
    for (std::size_t i = 0; i < columns_a.size(); ++i) {
        pair.types.push_back(b.columns[columns_b[i]].type);
        pair.names.push_back(a.columns[columns_a[i]].name);
    }
    finish_pair(pair);
    return pair;
}

VerificationReport compare(backend::Source& a, backend::Source& b, const Pairing& pairing,
                           const CompareContext& context) {
    const auto start = std::chrono::steady_clock::now();
    VerificationReport report;
    report.level = context.level;
    BothDigests digests;
    const bool rows_too = context.level != VerificationLevel::basic;
    if (rows_too) {
        digests = digest_both(a, b, pairing, context);
    }
    for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
        const TablePair& pair = pairing.pairs[i];
        TableComparison& table = report.tables.emplace_back();
        table.source = pair.a->name.display();
        table.target = pair.b->name.display();
        table.source_rows = a.count_rows(*pair.a);
        table.target_rows = b.count_rows(*pair.b);
        judge(table, rows_too ? &digests.a[i] : nullptr, rows_too ? &digests.b[i] : nullptr, pair.note);
        auto differences = catalog_differences(*pair.a, *pair.b);
        std::move(differences.begin(), differences.end(), std::back_inserter(report.findings));
    }
    for (const Table* table : pairing.only_a) {
        TableComparison& missing = report.tables.emplace_back();
        missing.source = table->name.display();
        missing.source_rows = a.count_rows(*table);
        missing.note = "only at the source";
    }
    for (const Table* table : pairing.only_b) {
        TableComparison& missing = report.tables.emplace_back();
        missing.target = table->name.display();
        missing.target_rows = b.count_rows(*table);
        missing.note = "only at the target";
    }
    report.duration =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    return report;
}

}  // namespace migrate::verify
