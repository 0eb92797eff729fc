#include "backends/json/manifest_source.hpp"

#include <algorithm>

#include <migrate/error.hpp>

#include "backend/kept_code.hpp"
#include "backends/json/adoption.hpp"
#include "backends/json/input_files.hpp"
#include "backends/json/row_reader.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

ManifestSource::ManifestSource(const std::string& path, Layout layout, bool infer_keys, std::stop_token stop)
    : m_path(io::trim_slashes(path)),
      m_stop(std::move(stop)),
      m_layout(layout),
      m_infer_keys(infer_keys),
      m_manifest(read_manifest(m_path, layout)) {
    if (layout == Layout::file) {
        m_stamps.add(m_path);
        FileContents contents = read_contents(m_path);
        m_unread = unnamed_in(contents, m_manifest);
        for (TableSection& section : contents.tables) {
            std::string member = section.member;
            m_sections.emplace(std::move(member), std::move(section));
        }
        for (const ManifestTable& table : m_manifest.tables) {
            section_of(table);
        }
        return;
    }
    m_stamps.add(io::join(m_path, std::string(k_manifest_file)));
    for (const ManifestTable& table : m_manifest.tables) {
        m_tables.push_back(&table.table);
        if (layout == Layout::nested && table.file.empty()) {
            continue;
        }
        if (table.file.empty() || table.file.find('/') != std::string::npos || table.file.front() == '.') {
            throw Error(ErrorCode::malformed, m_path + ": the manifest names a file outside its directory");
        }
        m_stamps.add(file_of(table));
        m_lines.try_emplace(table.file);
    }
    if (layout == Layout::nested) {
        m_nodes = nest_tree(m_tables);
    }
    m_unread = unnamed_in(m_path, m_layout, m_manifest);
    std::erase_if(m_unread, [&](const std::string& name) { return !may_hold_json(io::join(m_path, name)); });
}

backend::SourceInfo ManifestSource::describe() {
    backend::SourceInfo info;
    info.engine = "json";
    info.engine_version = m_manifest.tool_version;
    info.display = m_path;
    info.snapshot_kind = "files, checked to be unchanged after reading";
    info.byte_size = m_stamps.byte_size();
    info.facts["layout"] = m_layout == Layout::tables   ? "tables"
                           : m_layout == Layout::nested ? "documents, nested by foreign keys"
                                                        : "file";
    return info;
}

backend::Adoption ManifestSource::adopt(const Schema& other, const backend::AdoptOptions& options) {
    // What it keeps nothing of would be left out anew.
    backend::AdoptOptions as_here = options;
    as_here.with_code = options.with_code && m_manifest.keeps_code;
    return json::adopt(other, as_here);
}

std::optional<std::string> ManifestSource::provenance() {
    if (m_manifest.provenance.empty()) {
        return std::nullopt;
    }
    return m_manifest.provenance;
}

unsigned ManifestSource::pin_snapshot(unsigned readers) {
    m_stamps.pin();
    return std::max(readers, 1U);
}

backend::SchemaReading ManifestSource::read_schema(const backend::SchemaRequest& request) {
    const auto named = [](const std::vector<QualifiedName>& names, const QualifiedName& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    backend::SchemaReading reading;
    reading.schema.engine = "json";
    reading.schema.engine_version = m_manifest.tool_version;
    if (m_manifest.keeps_code) {
        reading.schema.properties[backend::k_keeps_code] = "yes";
    }
    if (m_infer_keys) {
        reading.findings.push_back({Severity::note, "keys-known", m_path,
                                    "its manifest says what its keys are, so none are inferred", "", 0});
    }
    report_unread(request, reading.findings);
    for (const ManifestTable& one : m_manifest.tables) {
        if (named(request.skip_tables, one.table.name) ||
            (!request.only_tables.empty() && !named(request.only_tables, one.table.name))) {
            continue;
        }
        Table table = one.table;
        for (const backend::ColumnHint& hint : request.hints) {
            for (Column& column : table.columns) {
                if (hint.from_user && hint.table == table.name && hint.column == column.name) {
                    column.type = hint.type;
                    column.format = hint.format;
                }
            }
        }
        table.row_count_exact = request.count_rows;
        table.row_estimate = request.count_rows ? count_rows(table) : one.rows;
        table.byte_estimate = bytes_of(one);
        if (request.profile && m_layout == Layout::tables && !one.file.empty()) {
            if (auto broken = find_broken_lines(file_of(one), m_stop)) {
                reading.findings.push_back(std::move(*broken));
            }
        }
        reading.schema.tables.push_back(std::move(table));
    }
    return reading;
}

std::vector<Chunk> ManifestSource::chunks(const Table& table, const backend::ChunkOptions& options) {
    const ManifestTable& one = require(table.name);
    if (m_layout == Layout::tables) {
        return split_lines(file_of(one), one.rows, options);
    }
    Chunk whole;
    whole.row_estimate = one.rows;
    return {whole};
}

std::unique_ptr<backend::Reader> ManifestSource::open_reader(const ScanSpec& spec) {
    require_plain_scan(spec);
    const ManifestTable& one = require(spec.table->name);
    if (m_layout == Layout::nested) {
        return std::make_unique<NestedReader>(spec, m_tables, m_nodes, index_of(one), places_of(one),
                                              m_stamps);
    }
    RowRange range;
    if (m_layout == Layout::file) {
        const TableSection& section = section_of(one);
        range = {m_path, section.begin, section.end, section.line, {}, true};
    } else {
        range.path = file_of(one);
        if (spec.chunk.kind == ChunkKind::byte_range) {
            range.first = static_cast<std::uint64_t>(spec.chunk.first);
            range.last = static_cast<std::uint64_t>(spec.chunk.last);
            range.find_line = [&lines = m_lines.at(one.file), path = range.path, first = range.first] {
                return lines.line_at(path, first);
            };
        }
    }
    return std::make_unique<RowReader>(spec, range, m_stamps);
}

std::uint64_t ManifestSource::count_rows(const Table& table) {
    const ManifestTable& one = require(table.name);
    switch (m_layout) {
        case Layout::nested:
            return count_nested(m_nodes, places_of(one), m_stamps);
        case Layout::file:
            return section_of(one).rows;
        default:
            return count_lines(file_of(one));
    }
}

// Whoever names the tables to read has seen the list; and a name may be passed over like a table's.
void ManifestSource::report_unread(const backend::SchemaRequest& request,
                                   std::vector<Finding>& findings) const {
    if (!request.only_tables.empty()) {
        return;
    }
    for (const std::string& name : m_unread) {
        const bool is_skipped = std::any_of(
            request.skip_tables.begin(), request.skip_tables.end(),
            [&](const QualifiedName& one) { return one.name == name || "tables." + one.name == name; });
        if (!is_skipped) {
            findings.push_back({Severity::left_out, "not-in-manifest", m_path + ": " + name,
                                "the manifest does not name it, so it is not read",
                                "Take it away, or read it on its own and not as part of this database.", 0});
        }
    }
}

void ManifestSource::backup_to(const std::string& path) {
    if (m_layout == Layout::file) {
        io::copy_file(m_path, path);
    } else {
        io::make_directory(path);
        for (const std::string& file : m_stamps.paths()) {
            io::copy_file(file, io::join(path, io::name_of(file)));
        }
        io::sync_directory(path);
    }
    io::sync_directory(io::parent_of(path));
}

void ManifestSource::stream_backup(backend::BackupSink& sink) {
    sink.reserve(m_stamps.byte_size(), 0);
    std::vector<Finding> unread;
    report_unread({}, unread);
    for (const Finding& one : unread) {
        sink.leave_out(one);
    }
    for (const std::string& file : m_stamps.paths()) {
        stream_input(file, io::name_of(file), m_stamps, sink);
    }
}

std::size_t ManifestSource::index_of(const ManifestTable& table) const {
    return static_cast<std::size_t>(&table - m_manifest.tables.data());
}

// The documents of each table on the way to this one may hold rows of it.
std::vector<NestedPlace> ManifestSource::places_of(const ManifestTable& table) const {
    std::vector<NestedPlace> places;
    std::vector<std::size_t> chain = chain_to(m_nodes, index_of(table));
    for (; !chain.empty(); chain.erase(chain.begin())) {
        const ManifestTable& top = m_manifest.tables[chain.front()];
        if (!top.file.empty()) {
            places.push_back({file_of(top), chain});
        }
    }
    return places;
}

// Of nested documents the tables at the top have all, as far as is known.
std::uint64_t ManifestSource::bytes_of(const ManifestTable& table) const {
    if (m_layout == Layout::file) {
        return section_of(table).end - section_of(table).begin;
    }
    return table.file.empty() ? 0 : io::stamp_of(file_of(table)).size;
}

std::string ManifestSource::file_of(const ManifestTable& table) const {
    return io::join(m_path, table.file);
}

const ManifestTable& ManifestSource::require(const QualifiedName& table) const {
    if (const ManifestTable* found = m_manifest.find(table)) {
        return *found;
    }
    throw Error(ErrorCode::not_found, m_path + " has no table " + table.display());
}

const TableSection& ManifestSource::section_of(const ManifestTable& table) const {
    const auto found = m_sections.find(table.file);
    if (found == m_sections.end()) {
        throw Error(ErrorCode::malformed, m_path + ": the manifest names table " +
                                              table.table.name.display() + ", which is not in the file");
    }
    return found->second;
}

}  // namespace migrate::backends::json
