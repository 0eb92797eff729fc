#include "migrator/compare.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "backend/registry.hpp"
#include "backend/schema_adopter.hpp"
#include "backend/table_holder.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping/selection.hpp"
#include "plan/adopting.hpp"
#include "plan/planner.hpp"
#include "verify/compare.hpp"
#include "verify/query_timing.hpp"
#include "verify/row_diff.hpp"
#include "verify/rules.hpp"
#include "verify/schema_diff.hpp"
#include "verify/stored_values.hpp"

namespace migrate {
namespace {

bool is_selection(const PlanOptions& options) {
    return !options.tables.empty() || !options.exclude.empty() || !options.mapping.include.empty() ||
           !options.mapping.exclude.empty();
}

/// Tables that the user's selection leaves out at the source are not asked for at the target either.
void drop_unselected(const PlanOptions& options, verify::Pairing& pairing) {
    if (is_selection(options)) {
        pairing.only_b.clear();
    }
}

/// Per mapped table the target's that stands for it, as the target describes it; the pairing is of `mapped`
/// and `paired`, which has the target's tables in the same order.
std::vector<const Table*> counterparts(const mapping::MappedSchema& mapped, const Schema& target,
                                       const Schema& paired, const verify::Pairing& pairing) {
    std::vector<const Table*> out(mapped.schema.tables.size(), nullptr);
    for (const verify::TablePair& pair : pairing.pairs) {
        out[static_cast<std::size_t>(pair.a - mapped.schema.tables.data())] =
            &target.tables[static_cast<std::size_t>(pair.b - paired.tables.data())];
    }
    return out;
}

std::string major_version(const std::string& version) {
    return version.substr(0, version.find('.'));
}

/// What stands in a finding of a migration stands in a note here: it is not at the target, and not missed.
void note_left_out(std::vector<Finding> findings, VerificationReport& report) {
    for (Finding& finding : findings) {
        if (finding.severity == Severity::left_out) {
            finding.severity = Severity::note;
            report.findings.push_back(std::move(finding));
        }
    }
}

bool same_names(const Schema& a, const Schema& b) {
    return std::equal(
        a.tables.begin(), a.tables.end(), b.tables.begin(), b.tables.end(),
        [](const Table& x, const Table& y) {
            return x.name == y.name &&
                   std::equal(x.columns.begin(), x.columns.end(), y.columns.begin(), y.columns.end(),
                              [](const Column& one, const Column& other) { return one.name == other.name; });
        });
}

/// Nothing is asked for that changes values on their way.
bool as_they_are(const PlanOptions& options) {
    return options.types.empty() && options.mapping.tables.empty() &&
           options.bad_text == PlanOptions().bad_text;
}

bool values_have_types(const Endpoint& endpoint) {
    return backend::backend_named(endpoint.engine).capabilities().values_have_types;
}

struct Described {
    const mapping::MappedSchema& mapped;
    const mapping::NamedSchema& named;
    const Schema& source;
    const Schema& target;
};

void compare_schemas(backend::Source& b, const VerifyRequest& request, const plan::TargetTerms& terms,
                     const Described& sides, std::vector<const Table*> pairs, VerificationReport& report) {
    auto* const adopter = dynamic_cast<backend::SchemaAdopter*>(&b);
    if (adopter == nullptr) {
        report.findings.push_back({Severity::note,
                                   "no-schema",
                                   "the target",
                                   "documents have no schema: rows and values were compared",
                                   {},
                                   0});
        return;
    }
    PlanOptions options = request.options;
    options.with_code = true;  // What a migration would make, had it been allowed to.
    backend::Adoption adoption =
        plan::adopt_at_target(*adopter, sides.mapped, sides.named.schema, options, terms);
    const bool same_engine =
        sides.source.engine == sides.target.engine &&
        major_version(sides.source.engine_version) == major_version(sides.target.engine_version);
    const bool moved =
        !request.to.option("schema").empty() || !same_names(sides.mapped.schema, sides.named.schema);
    const bool mapped = std::any_of(sides.mapped.tables.begin(), sides.mapped.tables.end(),
                                    [](const mapping::MappedTable& table) { return table.changed; });
    const bool in_one_schema = !request.to.option("schema").empty();
    if (in_one_schema) {
        report.findings.push_back(
            {Severity::note,
             "objects-not-compared",
             "the target",
             "of one schema, tables were compared; views, types and functions stand outside "
             "of it as well",
             {},
             0});
    }
    report.schema = verify::schema_differences({adoption.schema, sides.target, std::move(pairs),
                                                same_engine && !mapped && !moved,
                                                !is_selection(request.options), !in_one_schema});
    note_left_out(std::move(adoption.findings), report);
}

constexpr std::uint64_t k_listed_rows = 100;

bool both_find_rows(const VerifyRequest& request) {
    return backend::backend_named(request.from.engine).capabilities().finds_rows &&
           backend::backend_named(request.to.engine).capabilities().finds_rows;
}

/// Rules of the target that rows break, where the same rows do not break them at the source, and how fast
/// both sides answer.
void compare_rigorously(const std::pair<backend::Source&, backend::Source&>& sides, const Schema& source,
                        const Schema& target, const verify::Pairing& pairing, bool find_rows, bool rows_only,
                        const std::stop_token& stop, VerificationReport& report) {
    if (!rows_only) {
        // What the next numbers are is compared with the schema.
        Schema ruled = target;
        for (Table& table : ruled.tables) {
            for (Column& column : table.columns) {
                if (column.identity) {
                    column.identity->next.reset();
                }
            }
        }
        auto broken = verify::rules_broken_since({sides.first, source}, {sides.second, ruled});
        std::move(broken.begin(), broken.end(), std::back_inserter(report.schema));
    }
    std::vector<verify::TimedTable> tables;
    for (const verify::TablePair& pair : pairing.pairs) {
        if (pair.tasks_a.size() == 1 && !pair.tasks_a.front().program.has_filter()) {
            tables.push_back({pair.tasks_a.front().table, pair.b, pair.name_a});
        }
    }
    report.timings = verify::time_queries({sides.first, sides.second, find_rows}, std::move(tables), stop);
}

void list_rows(backend::Source& a, backend::Source& b, const verify::Pairing& pairing, std::uint64_t max_rows,
               const verify::ScanContext& context, DiffReport& report) {
    for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
        if (report.verification.tables[i].equal) {
            continue;
        }
        const std::uint64_t left = max_rows - std::min<std::uint64_t>(max_rows, report.rows.size());
        auto rows = verify::differing_rows(a, b, pairing.pairs[i], left, context, report.truncated);
        if (rows.empty() && context.route == ReadRoute::text) {
            verify::ScanContext native = context;
            native.route = ReadRoute::native;
            rows = verify::differing_rows(a, b, pairing.pairs[i], left, native, report.truncated);
        }
        std::move(rows.begin(), rows.end(), std::back_inserter(report.rows));
    }
}

}  // namespace

VerificationReport compare_endpoints(const MigratorContext& context, const VerifyRequest& request,
                                     std::uint64_t max_rows, DiffReport* rows) {
    context.events.start(Phase::open);
    refuse_same_place(request.from, request.to);
    context.require_sessions(request.from, request.to, SessionUse::comparison);
    const auto a = context.open_source(request.from);
    const auto b = context.open_other_source(request.to);
    verify::CompareContext compare;
    compare.level = request.options.level;
    compare.stop = context.config.stop;
    backend::hold_tables(*a, mapping::selection_of(request.options));
    const Workers workers =
        context.workers_for(request.from, backend::identity_of(*a), request.to, backend::identity_of(*b),
                            SessionUse::comparison, request.options.workers);
    compare.threads_a = a->pin_snapshot(workers.readers);
    compare.threads_b = b->pin_snapshot(workers.read_back);
    compare.rate = context.throttle.rate.get();
    compare.gate = &context.throttle.gate;
    compare.text_a = backend::backend_named(request.from.engine).capabilities().text_route;
    compare.text_b = backend::backend_named(request.to.engine).capabilities().text_route;
    refuse_same_place(request.from, backend::identity_of(*a), request.to, backend::identity_of(*b));
    context.events.start(Phase::plan);
    const plan::SourceReading source = plan::read_source(*a, request.options);
    PlanOptions plain = request.options;
    plain.tables.clear();
    plain.exclude.clear();
    plain.types.clear();
    plain.mapping = {};
    const plan::SourceReading target = plan::read_source(*b, plain);
    const mapping::MappedSchema mapped = mapping::map_schema(request.options.mapping, source.schema);
    const plan::TargetTerms terms{request.to, backend::backend_named(request.to.engine).capabilities(),
                                  target.schema.engine};
    const mapping::NamedSchema named = plan::name_at_target(mapped, request.options, terms);
    Schema rows_a = source.schema;
    Schema rows_b = target.schema;
    if (as_they_are(request.options) && values_have_types(request.from) && values_have_types(request.to)) {
        verify::compare_as_stored(rows_a, rows_b);
    }
    const mapping::MappedSchema mapped_rows = mapping::map_schema(request.options.mapping, rows_a);
    verify::Pairing pairing = verify::pair_tables(rows_a, mapped_rows, named.schema, rows_b);
    drop_unselected(request.options, pairing);

    std::uint64_t all_rows = 0;
    for (const Table& table : source.schema.tables) {
        all_rows += table.row_estimate;
    }
    context.events.start(Phase::verify, all_rows);
    compare.progress = [&](const std::string& table, std::uint64_t done) {
        context.events.progress(table, done, 0, 0);
    };
    VerificationReport report = verify::compare(*a, *b, pairing, compare);
    if (!request.rows_only) {
        compare_schemas(*b, request, terms, {mapped, named, source.schema, target.schema},
                        counterparts(mapped_rows, target.schema, rows_b, pairing), report);
    }
    if (request.options.level >= VerificationLevel::rigorous) {
        compare_rigorously({*a, *b}, source.schema, target.schema, pairing, both_find_rows(request),
                           request.rows_only, context.config.stop, report);
        DiffReport listed;
        listed.verification = report;
        verify::ScanContext scan{
            1, context.config.stop, {}, context.throttle.rate.get(), &context.throttle.gate};
        const bool in_text = compare.level >= VerificationLevel::forensic && compare.text_a && compare.text_b;
        scan.route = in_text ? ReadRoute::text : ReadRoute::native;
        list_rows(*a, *b, pairing, k_listed_rows, scan, listed);
        report.rows = std::move(listed.rows);
        report.rows_truncated = listed.truncated;
    }
    if (rows != nullptr) {
        rows->verification = report;
        list_rows(*a, *b, pairing, max_rows,
                  {1, context.config.stop, {}, context.throttle.rate.get(), &context.throttle.gate}, *rows);
    }
    context.events.finish();
    return report;
}

CheckReport check_endpoint(const MigratorContext& context, const Endpoint& endpoint) {
    context.events.start(Phase::open);
    const auto source = context.open_source(endpoint);
    source->pin_snapshot(1);
    context.events.start(Phase::plan);
    PlanOptions options;
    const plan::SourceReading reading = plan::read_source(*source, options, false);
    CheckReport report;
    report.endpoint = plan::summary_of(source->describe());
    report.tables = reading.schema.tables.size();
    for (const Table& table : reading.schema.tables) {
        report.rows += table.row_estimate;
    }
    report.findings = reading.findings;
    auto findings = source->check(reading.schema);
    for (Finding& finding : findings) {
        // Where reading is all there is to check, both have found the same.
        const bool known =
            std::any_of(reading.findings.begin(), reading.findings.end(), [&](const Finding& one) {
                return one.code == finding.code && one.object == finding.object &&
                       one.message == finding.message;
            });
        if (!known) {
            report.findings.push_back(std::move(finding));
        }
    }
    for (Finding& finding : report.findings) {
        if (finding.code == "broken-line") {
            // A migration may leave such lines out where that is asked; undamaged the file is not.
            finding.severity = Severity::blocker;
            finding.next_step = "Mend them.";
        }
    }
    context.events.finish();
    return report;
}

}  // namespace migrate
