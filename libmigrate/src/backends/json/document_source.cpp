#include "backends/json/document_source.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <migrate/error.hpp>

#include "backend/stored_form.hpp"
#include "backends/json/document_reader.hpp"
#include "backends/json/field_role.hpp"
#include "backends/json/key_candidates.hpp"
#include "backends/json/key_order.hpp"
#include "backends/json/reference_inference.hpp"
#include "backends/json/root_shape.hpp"
#include "backends/json/row_count.hpp"
#include "backends/json/row_form.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

bool is_named(const std::vector<QualifiedName>& names, const QualifiedName& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// A reading that was asked for may have made a reference's two sides differ.
void drop_contradicted(Schema& schema, std::vector<Finding>& findings) {
    for (Table& table : schema.tables) {
        std::erase_if(table.foreign_keys, [&](const ForeignKey& key) {
            const Column* from = table.find_column(key.columns.front());
            const Table* there = schema.find_table(key.referenced_table);
            const Column* to =
                there != nullptr ? there->find_column(key.referenced_columns.front()) : nullptr;
            if (from == nullptr || to == nullptr || from->type.kind == to->type.kind) {
                return false;
            }
            findings.push_back({Severity::note, "reference-not-inferred",
                                "table " + table.name.display() + ", column " + from->name,
                                "it would refer to " + there->name.display() + ", but is read as " +
                                    to_string(from->type) + " and the key there as " + to_string(to->type),
                                "Ask for the same type for both.", 0});
            return true;
        });
    }
}

constexpr std::uint64_t k_records_between_reports = 65536;

}  // namespace

DocumentSource::DocumentSource(const Endpoint& endpoint, const backend::OpenContext& context)
    : m_path(io::trim_slashes(endpoint.location)),
      m_options(parse_document_options(endpoint)),
      m_context(context),
      m_groups(find_input(m_path, m_options, m_findings)) {
    for (const InputGroup& group : m_groups) {
        for (const InputFile& file : group.files) {
            // Opened once, so that what cannot be read is known before anything else happens.
            io::File::open_read(file.path).close();
            m_stamps.add(file.path);
        }
    }
}

backend::SourceInfo DocumentSource::describe() {
    backend::SourceInfo info;
    info.engine = "json";
    info.display = m_path;
    info.snapshot_kind = "files, checked to be unchanged after reading";
    info.byte_size = m_stamps.byte_size();
    info.facts["files"] = std::to_string(m_stamps.paths().size());
    info.facts["layout"] = "documents of other programs";
    return info;
}

unsigned DocumentSource::pin_snapshot(unsigned readers) {
    m_stamps.pin();
    return std::max(readers, 1U);
}

void DocumentSource::find_all_collections() {
    for (const InputGroup& group : m_groups) {
        if (group.has_file_column) {
            m_collections.push_back({group.table, {}, true, false});
        }
        for (const InputFile& file : group.files) {
            for (FileCollection& found : find_collections(file, group.has_file_column, m_options)) {
                if (group.has_file_column) {
                    m_collections.back().parts.push_back(std::move(found.records));
                    continue;
                }
                const std::string name = !found.member           ? group.table
                                         : group.is_whole_source ? *found.member
                                                                 : group.table + "__" + *found.member;
                const bool is_keyed = found.records.kind == RecordKind::members;
                m_collections.push_back({name, {std::move(found.records)}, false, is_keyed});
            }
        }
    }
}

void DocumentSource::profile() {
    if (std::exchange(m_is_profiled, true)) {
        return;
    }
    find_all_collections();
    UniqueNames names;
    m_line_numbers = std::vector<LineNumbers>(m_collections.size());
    for (std::size_t i = 0; i < m_collections.size(); ++i) {
        const CollectionProfile profile = profile_collection(m_collections[i]);
        if (!m_options.key.empty() && profile.key != m_options.key &&
            profile.members.by_key.contains(m_options.key)) {
            m_findings.push_back(
                {Severity::blocker, "key-not-unique", "table " + m_collections[i].table,
                 "the column that was asked for as key is missing or null in some records, not of one "
                 "plain type, or not unique",
                 "Choose another key, or leave the choice to the tool.", 0});
        }
        build_shapes(m_collections[i], i, profile, m_options, names, m_shapes, m_findings);
    }
    if (m_options.infer_keys) {
        infer_references(*this, m_context, m_shapes, m_findings);
    }
    for (TableShape& shape : m_shapes) {
        shape.table.properties[k_shape_property] = render_shape(document_shape(shape));
    }
    if (std::any_of(m_shapes.begin(), m_shapes.end(), [](const TableShape& s) { return s.is_irregular; })) {
        m_form_table = make_form_table(names.assign(k_form_table));
    }
}

CollectionProfile DocumentSource::profile_collection(const Collection& collection) {
    CollectionProfile profile;
    // Records with keys of their own have their primary key.
    KeyCandidates candidates(m_options.key, collection.table, m_options.infer_keys && !collection.is_keyed);
    KeyOrder member_order;
    ProfileLimits limits{m_options.max_columns, m_options.max_nesting};
    limits.max_columns -= std::min(k_synthetic_columns, limits.max_columns - 1);
    const std::uint64_t between_reports = m_context.rate != nullptr
                                              ? m_context.rate->rows_at_once(k_records_between_reports)
                                              : k_records_between_reports;
    for (const RecordSpec& part : collection.parts) {
        const auto stream = open_records(part, m_options);
        candidates.begin_part();
        while (stream->next()) {
            const Document& document = stream->document();
            if (collection.is_keyed) {
                profile.is_sorted = profile.is_sorted && member_order.follows(stream->key());
            }
            ++profile.records;
            if (document.kind(Document::k_root) == NodeKind::object) {
                profile.has_duplicate_keys =
                    profile.has_duplicate_keys || document.has_duplicate_keys(Document::k_root);
                profile_members(document, Document::k_root, limits.max_nesting, limits, profile.members);
                candidates.add(document);
            } else {
                profile.all_objects = false;
            }
            if (profile.records % between_reports == 0) {
                if (m_context.stop.stop_requested()) {
                    throw Error(ErrorCode::cancelled, "reading " + m_path + " was cancelled");
                }
                if (m_context.rate != nullptr) {
                    m_context.rate->pass(between_reports, 0, m_context.stop);
                }
                if (m_context.progress) {
                    m_context.progress("profiling " + collection.table, profile.records, part.count);
                }
            }
        }
        report_broken(stream->take_broken(), part);
    }
    settle(profile.members, limits);
    profile.key = candidates.choose(profile, m_findings);
    if (!collection.is_keyed) {
        profile.is_sorted = candidates.is_sorted();
    }
    return profile;
}

void DocumentSource::report_broken(const std::vector<BrokenLine>& lines, const RecordSpec& part) {
    if (!lines.empty()) {
        m_findings.push_back(broken_lines(part.path, lines.size(), lines.front().reason));
    }
}

backend::SchemaReading DocumentSource::read_schema(const backend::SchemaRequest& request) {
    profile();
    backend::SchemaReading reading;
    reading.schema.engine = "json";
    reading.findings = m_findings;
    for (const TableShape& shape : m_shapes) {
        if (is_named(request.skip_tables, shape.table.name) ||
            (!request.only_tables.empty() && !is_named(request.only_tables, shape.table.name))) {
            continue;
        }
        Table table = shape.table;
        for (const backend::ColumnHint& hint : request.hints) {
            for (Column& column : table.columns) {
                if (hint.from_user && hint.table == table.name && hint.column == column.name) {
                    column.type = hint.type;
                    column.format = hint.format;
                    column.why = "asked for";
                    column.properties.erase(backend::k_stored_as);
                }
            }
        }
        for (const RecordSpec& part : m_collections[shape.collection].parts) {
            table.byte_estimate += shape.parent ? 0 : io::stamp_of(part.path).size;
        }
        reading.schema.tables.push_back(std::move(table));
    }
    if (m_options.infer_keys && !request.hints.empty()) {
        drop_contradicted(reading.schema, reading.findings);
    }
    // It goes with all tables or with none: alone it says nothing.
    if (m_form_table && request.only_tables.empty() && !is_named(request.skip_tables, m_form_table->name)) {
        reading.schema.tables.push_back(*m_form_table);
    }
    return reading;
}

std::vector<Chunk> DocumentSource::chunks(const Table& table, const backend::ChunkOptions& options) {
    if (is_form_table(table.name)) {
        return {Chunk{}};
    }
    const TableShape& shape = shape_of(table.name);
    const std::vector<RecordSpec>& parts = m_collections[shape.collection].parts;
    if (parts.size() == 1 && parts.front().kind == RecordKind::lines) {
        return split_lines(parts.front().path, shape.rows, options);
    }
    Chunk whole;
    whole.row_estimate = shape.rows;
    return {whole};
}

std::unique_ptr<backend::Reader> DocumentSource::open_reader(const ScanSpec& spec) {
    require_plain_scan(spec);
    if (is_form_table(spec.table->name)) {
        return open_forms(spec);
    }
    const TableShape& shape = shape_of(spec.table->name);
    std::vector<RecordSpec> parts = m_collections[shape.collection].parts;
    if (spec.chunk.kind == ChunkKind::byte_range) {
        parts.front().begin = static_cast<std::uint64_t>(spec.chunk.first);
        parts.front().end = static_cast<std::uint64_t>(spec.chunk.last);
        parts.front().line =
            m_line_numbers[shape.collection].line_at(parts.front().path, parts.front().begin);
    }
    const bool natural = shape.parent && !m_shapes[*shape.parent].natural_key.empty();
    return std::make_unique<DocumentReader>(
        spec, RowCursor(std::move(parts), chain_of(shape), m_options, m_stamps), shape, natural);
}

std::uint64_t DocumentSource::count_rows(const Table& table) {
    if (is_form_table(table.name)) {
        return count_forms();
    }
    const TableShape& shape = shape_of(table.name);
    return json::count_rows(m_collections[shape.collection], chain_of(shape), m_options);
}

std::vector<Finding> DocumentSource::check(const Schema& /*schema*/) {
    profile();
    return m_findings;
}

void DocumentSource::backup_to(const std::string& path) {
    if (io::kind_of(m_path) == io::PathKind::file) {
        io::copy_file(m_path, path);
        io::sync_directory(io::parent_of(path));
        return;
    }
    io::make_directory(path);
    for (const InputGroup& group : m_groups) {
        for (const InputFile& file : group.files) {
            io::copy_into(file.path, path, file.label);
        }
    }
    io::sync_directory(path);
    io::sync_directory(io::parent_of(path));
}

const TableShape& DocumentSource::shape_of(const QualifiedName& table) {
    profile();
    for (const TableShape& shape : m_shapes) {
        if (shape.table.name == table) {
            return shape;
        }
    }
    throw Error(ErrorCode::not_found, m_path + " has no table " + table.display());
}

std::vector<const TableShape*> DocumentSource::chain_of(const TableShape& shape) const {
    std::vector<const TableShape*> chain{&shape};
    while (chain.back()->parent) {
        chain.push_back(&m_shapes[*chain.back()->parent]);
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

}  // namespace migrate::backends::json
