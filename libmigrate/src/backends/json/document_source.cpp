#include "backends/json/document_source.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <migrate/error.hpp>

#include "backend/stored_form.hpp"
#include "backends/json/document_reader.hpp"
#include "backends/json/records_profile.hpp"
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

// Large enough that its own profile is soon paid for, small enough that both processors end together.
constexpr std::uint64_t k_piece_bytes = std::uint64_t{1} << 22U;

std::string text_of(const std::map<std::string, std::string>& options) {
    std::string out;
    for (const auto& [name, value] : options) {
        out += name + '=' + std::to_string(value.size()) + ':' + value + '&';
    }
    return out;
}

}  // namespace

DocumentSource::DocumentSource(const Endpoint& endpoint, const backend::OpenContext& context)
    : m_path(io::trim_slashes(endpoint.location)),
      m_options(parse_document_options(endpoint)),
      m_context(context),
      m_groups(find_input(m_path, m_options, m_findings)),
      m_asked(text_of(endpoint.options)) {
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
            m_found->collections.push_back({group.table, {}, true, false});
        }
        for (const InputFile& file : group.files) {
            for (FileCollection& found : find_collections(file, group.has_file_column, m_options)) {
                if (group.has_file_column) {
                    m_found->collections.back().parts.push_back(std::move(found.records));
                    continue;
                }
                const std::string name = !found.member           ? group.table
                                         : group.is_whole_source ? *found.member
                                                                 : group.table + "__" + *found.member;
                const bool is_keyed = found.records.kind == RecordKind::members;
                m_found->collections.push_back({name, {std::move(found.records)}, false, is_keyed});
            }
        }
    }
}

// What is known of other files, or of these as they were, is of no use.
std::string DocumentSource::memory_name() const {
    return "json documents\n" + m_path + '\n' + m_asked + '\n' + m_stamps.fingerprint();
}

void DocumentSource::profile() {
    if (m_found) {
        return;
    }
    const std::string name = memory_name();
    m_found = m_context.memory ? m_context.memory->find<DocumentTables>(name) : nullptr;
    if (!m_found) {
        m_found = std::make_shared<DocumentTables>();
        try {
            find_tables();
        } catch (...) {
            m_found.reset();
            throw;
        }
        if (m_context.memory) {
            m_context.memory->keep(name, m_found);
        }
    }
    m_line_numbers = std::vector<LineNumbers>(m_found->collections.size());
    m_findings.insert(m_findings.end(), m_found->findings.begin(), m_found->findings.end());
}

void DocumentSource::find_tables() {
    find_all_collections();
    m_line_numbers = std::vector<LineNumbers>(m_found->collections.size());
    std::vector<Finding>& findings = m_found->findings;
    UniqueNames names;
    for (std::size_t i = 0; i < m_found->collections.size(); ++i) {
        const Collection& collection = m_found->collections[i];
        const CollectionProfile profile = profile_collection(collection);
        if (!m_options.key.empty() && profile.key != m_options.key &&
            profile.members.by_key.contains(m_options.key)) {
            findings.push_back(
                {Severity::blocker, "key-not-unique", "table " + collection.table,
                 "the column that was asked for as key is missing or null in some records, not of one "
                 "plain type, or not unique",
                 "Choose another key, or leave the choice to the tool.", 0});
        }
        build_shapes(collection, i, profile, m_options, names, m_found->shapes, findings);
    }
    if (m_options.infer_keys) {
        infer_references(*this, m_context, m_found->shapes, findings);
    }
    for (TableShape& shape : m_found->shapes) {
        shape.table.properties[k_shape_property] = render_shape(document_shape(shape));
    }
    if (std::any_of(m_found->shapes.begin(), m_found->shapes.end(),
                    [](const TableShape& s) { return s.is_irregular; })) {
        m_found->form_table = make_form_table(names.assign(k_form_table));
    }
}

CollectionProfile DocumentSource::profile_collection(const Collection& collection) {
    RecordsProfile records(collection, m_options);
    for (const RecordSpec& part : collection.parts) {
        records.candidates.begin_part();
        ProfileWatch watch{m_context.stop, {}, m_context.threads, m_context.rate.get()};
        if (m_context.progress) {
            watch.progress = [&](std::uint64_t done) {
                m_context.progress("profiling " + collection.table, done, part.count);
            };
        }
        const bool in_pieces = part.kind == RecordKind::lines && !m_options.infer_keys && watch.threads > 1;
        const BrokenLines broken =
            in_pieces ? profile_lines(part, collection, m_options, watch, records, k_piece_bytes)
                      : profile_part(part, collection, m_options, watch, records);
        if (broken.count > 0) {
            m_found->findings.push_back(broken_lines(part.path, broken.count, broken.first_reason));
        }
    }
    settle(records.profile.members, records.limits);
    records.profile.key = records.candidates.choose(records.profile, m_found->findings);
    if (!collection.is_keyed) {
        records.profile.is_sorted = records.candidates.is_sorted();
    }
    return std::move(records.profile);
}

backend::SchemaReading DocumentSource::read_schema(const backend::SchemaRequest& request) {
    profile();
    backend::SchemaReading reading;
    reading.schema.engine = "json";
    reading.findings = m_findings;
    for (const TableShape& shape : m_found->shapes) {
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
        for (const RecordSpec& part : m_found->collections[shape.collection].parts) {
            table.byte_estimate += shape.parent ? 0 : io::stamp_of(part.path).size;
        }
        reading.schema.tables.push_back(std::move(table));
    }
    if (m_options.infer_keys && !request.hints.empty()) {
        drop_contradicted(reading.schema, reading.findings);
    }
    // It goes with all tables or with none: alone it says nothing.
    if (m_found->form_table && request.only_tables.empty() &&
        !is_named(request.skip_tables, m_found->form_table->name)) {
        reading.schema.tables.push_back(*m_found->form_table);
    }
    return reading;
}

std::vector<Chunk> DocumentSource::chunks(const Table& table, const backend::ChunkOptions& options) {
    if (is_form_table(table.name)) {
        return {Chunk{}};
    }
    const TableShape& shape = shape_of(table.name);
    const std::vector<RecordSpec>& parts = m_found->collections[shape.collection].parts;
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
    std::vector<RecordSpec> parts = m_found->collections[shape.collection].parts;
    if (spec.chunk.kind == ChunkKind::byte_range) {
        parts.front().begin = static_cast<std::uint64_t>(spec.chunk.first);
        parts.front().end = static_cast<std::uint64_t>(spec.chunk.last);
        parts.front().find_line = [&lines = m_line_numbers[shape.collection], path = parts.front().path,
                                   begin = parts.front().begin] { return lines.line_at(path, begin); };
    }
    const bool natural = shape.parent && !m_found->shapes[*shape.parent].natural_key.empty();
    DocumentOptions options = m_options;
    options.read_again = spec.route == ReadRoute::text;
    return std::make_unique<DocumentReader>(
        spec, RowCursor(std::move(parts), chain_of(shape), options, m_stamps), shape, natural);
}

std::uint64_t DocumentSource::count_rows(const Table& table) {
    if (is_form_table(table.name)) {
        return count_forms();
    }
    const TableShape& shape = shape_of(table.name);
    return json::count_rows(m_found->collections[shape.collection], chain_of(shape), m_options);
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

void DocumentSource::stream_backup(backend::BackupSink& sink) {
    sink.reserve(m_stamps.byte_size(), 0);
    for (const Finding& passed_over : m_findings) {
        if (passed_over.severity == Severity::left_out) {
            sink.leave_out(passed_over);
        }
    }
    for (const InputGroup& group : m_groups) {
        for (const InputFile& file : group.files) {
            const bool is_alone = file.path == m_path;
            stream_input(file.path, is_alone ? io::name_of(m_path) : file.label, m_stamps, sink);
        }
    }
}

const TableShape& DocumentSource::shape_of(const QualifiedName& table) {
    profile();
    for (const TableShape& shape : m_found->shapes) {
        if (shape.table.name == table) {
            return shape;
        }
    }
    throw Error(ErrorCode::not_found, m_path + " has no table " + table.display());
}

std::vector<const TableShape*> DocumentSource::chain_of(const TableShape& shape) const {
    std::vector<const TableShape*> chain{&shape};
    while (chain.back()->parent) {
        chain.push_back(&m_found->shapes[*chain.back()->parent]);
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

}  // namespace migrate::backends::json
