#include "migrator/compare.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "backend/registry.hpp"
#include "backend/table_holder.hpp"
#include "mapping/names.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping/selection.hpp"
#include "plan/planner.hpp"
#include "verify/compare.hpp"
#include "verify/row_diff.hpp"

namespace migrate {
namespace {

mapping::NamedSchema named_for(const VerifyRequest& request, const Schema& schema,
                               const std::string& engine) {
    const backend::Capabilities& can = backend::backend_named(request.to.engine).capabilities();
    return mapping::name_for_target(schema,
                                    {request.options.names, can.schemas, can.case_insensitive_names, engine,
                                     request.to.option("schema"), "public", can.max_identifier_bytes});
}

/// Tables that the user's selection leaves out at the source are not asked for at the target either.
void drop_unselected(const PlanOptions& options, verify::Pairing& pairing) {
    const bool selected = !options.mapping.include.empty() || !options.mapping.exclude.empty();
    if (!options.tables.empty() || !options.exclude.empty() || selected) {
        pairing.only_b.clear();
    }
}

void list_rows(backend::Source& a, backend::Source& b, const verify::Pairing& pairing, std::uint64_t max_rows,
               const std::stop_token& stop, DiffReport& report) {
    for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
        if (report.verification.tables[i].equal) {
            continue;
        }
        const std::uint64_t left = max_rows - std::min<std::uint64_t>(max_rows, report.rows.size());
        auto rows = verify::differing_rows(a, b, pairing.pairs[i], left, stop, report.truncated);
        std::move(rows.begin(), rows.end(), std::back_inserter(report.rows));
    }
}

}  // namespace

VerificationReport compare_endpoints(const MigratorContext& context, const VerifyRequest& request,
                                     std::uint64_t max_rows, DiffReport* rows) {
    context.events.start(Phase::open);
    refuse_same_place(request.from, request.to);
    const auto a = context.open_source(request.from);
    const auto b = context.open_source(request.to);
    verify::CompareContext compare;
    compare.level = request.options.level;
    compare.stop = context.config.stop;
    backend::hold_tables(*a, mapping::selection_of(request.options));
    compare.threads_a = a->pin_snapshot(context.readers_for(request.from, request.options.workers));
    compare.threads_b = b->pin_snapshot(context.readers_for(request.to, request.options.workers));
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
    const mapping::NamedSchema named = named_for(request, mapped.schema, target.schema.engine);
    verify::Pairing pairing = verify::pair_tables(source.schema, mapped, named.schema, target.schema);
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
    if (rows != nullptr) {
        rows->verification = report;
        list_rows(*a, *b, pairing, max_rows, context.config.stop, *rows);
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
    std::move(findings.begin(), findings.end(), std::back_inserter(report.findings));
    context.events.finish();
    return report;
}

}  // namespace migrate
