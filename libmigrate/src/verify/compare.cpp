#include "verify/compare.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "util/ascii.hpp"
#include "verify/described_object.hpp"

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
    const Column* found = find_column_any_case(table, name);
    return found == nullptr ? table.columns.size() : static_cast<std::size_t>(found - table.columns.data());
}

void add_note(TablePair& pair, const std::string& text) {
    pair.note += (pair.note.empty() ? "" : "; ") + text;
}

/// Between two engines JSON is compared in jsonb's normal form, which only one of them may hold it in.
std::vector<LogicalType> read_as(std::vector<LogicalType> types, const TablePair& pair) {
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (pair.two_engines && types[i].kind == TypeKind::jsonb && pair.types[i].kind == TypeKind::jsonb) {
            types[i] = LogicalType(TypeKind::json);
        }
    }
    return types;
}

/// How the rows of one of the source's tables become rows of the pair.
DigestTask input_task(const Schema& a, const mapping::TableInput& input,
                      const std::vector<std::size_t>& columns, const TablePair& pair) {
    DigestTask task;
    task.table = &a.tables[input.source];
    std::vector<mapping::RowOutput> outputs;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const mapping::ColumnSource& source = input.columns[columns[i]];
        outputs.push_back({pair.names[i], source.source, source.expression});
    }
    task.program = mapping::RowProgram(*task.table, input.where, std::move(outputs));
    task.columns = task.program.columns();
    task.transform = mapping::Transform(read_as(task.program.types(), pair), pair.types, pair.names);
    return task;
}

void finish_pair(const Schema& a, const mapping::MappedTable& mapped, const std::vector<std::size_t>& columns,
                 TablePair& pair) {
    std::vector<LogicalType> from_b;
    std::vector<std::string> names_b;
    for (const std::size_t column : pair.task_b.columns) {
        from_b.push_back(pair.b->columns[column].type);
        names_b.push_back(pair.b->columns[column].name);
    }
    for (const mapping::TableInput& input : mapped.inputs) {
        pair.tasks_a.push_back(input_task(a, input, columns, pair));
        pair.name_a += (pair.name_a.empty() ? "" : " + ") + a.tables[input.source].name.display();
    }
    pair.task_b.transform =
        mapping::Transform(read_as(std::move(from_b), pair), pair.types, std::move(names_b));
    if (!pair.a->primary_key) {
        return;
    }
    for (const std::string& column : pair.a->primary_key->columns) {
        const auto it = std::find(pair.names.begin(), pair.names.end(), column);
        if (it == pair.names.end()) {
            pair.key.clear();
            return;
        }
        pair.key.push_back(static_cast<std::size_t>(it - pair.names.begin()));
    }
}

TablePair make_pair(const Schema& schema, const mapping::MappedTable& mapped, const Table& a,
                    const Table& named, const Table& b, bool two_engines) {
    TablePair pair;
    pair.two_engines = two_engines;
    pair.a = &a;
    pair.b = &b;
    pair.task_b.table = &b;
    std::vector<std::size_t> columns;
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
        columns.push_back(i);
        pair.task_b.columns.push_back(j);
        pair.types.push_back(*type);
        pair.names.push_back(a.columns[i].name);
    }
    for (std::size_t j = 0; j < b.columns.size(); ++j) {
        if (matched[j] == 0 && !b.columns[j].hidden) {
            add_note(pair, "column " + b.columns[j].name + " is only at the target");
        }
    }
    finish_pair(schema, mapped, columns, pair);
    return pair;
}

std::vector<DigestTask> tasks_of_b(const Pairing& pairing) {
    std::vector<DigestTask> tasks;
    for (const TablePair& pair : pairing.pairs) {
        tasks.push_back(pair.task_b);
    }
    return tasks;
}

/// Those of side a, and the pair each belongs to.
struct TasksOfA {
    std::vector<DigestTask> tasks;
    std::vector<std::size_t> pairs;
};

/// `filtered_only`: those that have to be read to know how many rows are compared.
TasksOfA tasks_of_a(const Pairing& pairing, bool filtered_only) {
    TasksOfA out;
    for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
        for (const DigestTask& task : pairing.pairs[i].tasks_a) {
            if (!filtered_only || task.program.has_filter()) {
                out.tasks.push_back(task);
                out.pairs.push_back(i);
            }
        }
    }
    return out;
}

ScanContext scan_of(const CompareContext& context, unsigned threads, ReadRoute route) {
    ScanContext scan{threads, context.stop, {}, context.rate, context.gate};
    scan.algorithm = digest_algorithm_of(context.level);
    scan.route = route;
    return scan;
}

std::vector<TableDigest> digest_a(backend::Source& a, const Pairing& pairing, const CompareContext& context,
                                  bool filtered_only, ReadRoute route = ReadRoute::native) {
    std::vector<TableDigest> digests(pairing.pairs.size());
    const TasksOfA all = tasks_of_a(pairing, filtered_only);
    ScanContext scan = scan_of(context, context.threads_a, route);
    if (context.progress && route == ReadRoute::native) {
        scan.progress = [&](std::size_t task, std::uint64_t rows) {
            context.progress(pairing.pairs[all.pairs[task]].name_a, rows);
        };
    }
    const auto parts = digest_tables(a, all.tasks, scan);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        TableDigest& digest = digests[all.pairs[i]];
        digest.digest.merge(parts[i].digest);
        digest.not_comparable += parts[i].not_comparable;
        digest.filtered += parts[i].filtered;
    }
    return digests;
}

struct BothDigests {
    std::vector<TableDigest> a;
    std::vector<TableDigest> b;
};

/// The two sides are read side by side: they are different engines, files or servers as a rule.
BothDigests digest_both(backend::Source& a, backend::Source& b, const Pairing& pairing,
                        const CompareContext& context, ReadRoute route) {
    BothDigests both;
    std::exception_ptr error_b;
    {
        const std::jthread other([&] {
            try {
                both.b = digest_tables(b, tasks_of_b(pairing), scan_of(context, context.threads_b, route));
            } catch (...) {
                error_b = std::current_exception();
            }
        });
        both.a = digest_a(a, pairing, context, false, route);
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

/// Of one side: what is read natively and what is read in text are one.
void judge_text(const TableDigest& native, const TableDigest& text, const std::string& side,
                std::optional<Digest>& said, TableComparison& table) {
    said = text.digest;
    if (native.digest == text.digest && native.not_comparable == text.not_comparable) {
        return;
    }
    table.equal = false;
    table.note += (table.note.empty() ? "" : "; ") + ("the " + side) +
                  "'s values, read in text, are not those that were read natively";
}

}  // namespace

Pairing pair_tables(const Schema& a, const mapping::MappedSchema& mapped, const Schema& named,
                    const Schema& b) {
    Pairing pairing;
    std::vector<const Table*> taken;
    for (std::size_t i = 0; i < mapped.schema.tables.size(); ++i) {
        const Table& table = mapped.schema.tables[i];
        const Table* other = find_counterpart(named.tables[i].name, b);
        if (other == nullptr || std::find(taken.begin(), taken.end(), other) != taken.end()) {
            pairing.only_a.push_back(&a.tables[mapped.tables[i].inputs[0].source]);
            continue;
        }
        taken.push_back(other);
        pairing.pairs.push_back(
            make_pair(a, mapped.tables[i], table, named.tables[i], *other, a.engine != b.engine));
    }
    for (const Table& table : b.tables) {
        if (std::find(taken.begin(), taken.end(), &table) == taken.end()) {
            pairing.only_b.push_back(&table);
        }
    }
    return pairing;
}

VerificationReport compare(backend::Source& a, backend::Source& b, const Pairing& pairing,
                           const CompareContext& context) {
    const auto start = std::chrono::steady_clock::now();
    VerificationReport report;
    report.level = context.level;
    BothDigests digests;
    const bool rows_too = context.level != VerificationLevel::basic;
    if (rows_too) {
        digests = digest_both(a, b, pairing, context, ReadRoute::native);
    } else {
        digests.a = digest_a(a, pairing, context, true);
    }
    for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
        const TablePair& pair = pairing.pairs[i];
        TableComparison& table = report.tables.emplace_back();
        table.source = pair.name_a;
        table.target = pair.b->name.display();
        for (const DigestTask& task : pair.tasks_a) {
            table.source_rows += a.count_rows(*task.table);
        }
        table.source_rows -= std::min(table.source_rows, digests.a[i].filtered);
        table.target_rows = b.count_rows(*pair.b);
        judge(table, rows_too ? &digests.a[i] : nullptr, rows_too ? &digests.b[i] : nullptr, pair.note);
    }
    if (context.level >= VerificationLevel::forensic && context.text_a && context.text_b) {
        const BothDigests in_text = digest_both(a, b, pairing, context, ReadRoute::text);
        for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
            judge_text(digests.a[i], in_text.a[i], "source", report.tables[i].source_text_digest,
                       report.tables[i]);
            judge_text(digests.b[i], in_text.b[i], "target", report.tables[i].target_text_digest,
                       report.tables[i]);
        }
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
