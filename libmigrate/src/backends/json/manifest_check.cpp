// Whether a database that this tool wrote as JSON is still what its manifest says.

#include "backends/json/claimed_key.hpp"
#include "backends/json/manifest_source.hpp"
#include "model/canonical.hpp"
#include "util/human.hpp"

namespace migrate::backends::json {

namespace {

constexpr const char* k_temporary = "/tmp";

}  // namespace

std::vector<Finding> ManifestSource::check(const Schema& schema) {
    std::vector<Finding> findings;
    for (const Table& table : schema.tables) {
        const ManifestTable& known = require(table.name);
        const RowScan rows = scan_rows(*this, table, known.digest);
        const std::string object = "table " + table.name.display();
        if (rows.rejects > 0) {
            findings.push_back({Severity::blocker, "rows-damaged", object,
                                "some rows are not what the manifest says; the first: " + rows.first_reject,
                                "Mend them, or move them to a place of their own.", rows.rejects});
        }
        if (rows.digest.rows + rows.rejects != known.rows) {
            findings.push_back({Severity::note, "row-count-changed", object,
                                "it has another number of rows than its manifest says: it was edited", "",
                                rows.digest.rows + rows.rejects});
        } else if (rows.rejects == 0 && !known.digest.empty() && to_string(rows.digest) != known.digest) {
            findings.push_back({Severity::note, "rows-changed", object,
                                "its rows are not those that its manifest has the digest of: it was edited",
                                "", rows.digest.rows});
        }
        check_keys(schema, table, findings);
    }
    return findings;
}

std::vector<backend::BrokenRule> ManifestSource::broken_rules(const Schema& schema) {
    std::vector<backend::BrokenRule> broken;
    for (const Table& table : schema.tables) {
        std::vector<Finding> findings;
        check_keys(schema, table, findings);
        for (const Finding& finding : findings) {
            broken.push_back({table.name, finding.message, "holds for every row", finding.count});
        }
    }
    return broken;
}

void ManifestSource::check_keys(const Schema& schema, const Table& table, std::vector<Finding>& findings) {
    const OpenRows open = [this](const ScanSpec& spec) { return open_reader(spec); };
    const std::string object = "table " + table.name.display();
    const TableRows rows{table, open};
    const auto report = [&](const std::string& code, const std::string& message, std::uint64_t count) {
        if (count > 0) {
            findings.push_back({Severity::risk, code, object, message,
                                "A database would refuse those rows: mend them.", count});
        }
    };
    for (const ClaimedKey& key : claimed_keys(table)) {
        if (const auto broken = find_broken(rows, key, k_temporary)) {
            report("key-violated",
                   key.name + ": " + util::human_rows(broken->repeated.count, "repeats", "repeat") +
                       " the key of another",
                   broken->repeated.count);
            report("key-violated",
                   key.name + ": " + util::human_rows(broken->unset.count, "has", "have") + " no value in it",
                   broken->unset.count);
        }
    }
    for (const ForeignKey& key : table.foreign_keys) {
        if (const Table* others = schema.find_table(key.referenced_table)) {
            const std::uint64_t orphans = find_orphans(rows, key, {*others, open}, k_temporary).count;
            report("foreign-key-orphans", orphans_text(orphans, key), orphans);
        }
    }
}

RowScan scan_rows(backend::Source& source, const Table& table, std::string_view known) {
    RowScan scan;
    scan.digest.algorithm = known.starts_with("sha256:") ? DigestAlgorithm::sha256 : DigestAlgorithm::xxh3;
    for (const Chunk& chunk : source.chunks(table, {})) {
        ScanSpec spec;
        spec.table = &table;
        spec.chunk = chunk;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!table.columns[i].generated && !table.columns[i].hidden) {
                spec.columns.push_back(i);
            }
        }
        const auto reader = source.open_reader(spec);
        RowBatch batch;
        for (bool more = true; more;) {
            more = reader->next(batch);
            model::digest_rows(batch, scan.digest);
            if (scan.rejects == 0 && !batch.rejects.empty()) {
                const RejectedRow& first = batch.rejects.front();
                scan.first_reject =
                    (first.column.empty() ? "" : "column " + first.column + ": ") + first.reason;
            }
            scan.rejects += batch.rejects.size();
        }
    }
    return scan;
}

}  // namespace migrate::backends::json
