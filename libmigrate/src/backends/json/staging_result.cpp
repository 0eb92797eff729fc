// How a staging directory becomes what the target will be.

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/version.hpp>

#include "backend/kept_code.hpp"
#include "backends/json/byte_copy.hpp"
#include "backends/json/document_assembler.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/json_text.hpp"
#include "backends/json/nested_writer.hpp"
#include "backends/json/staging.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;
constexpr std::string_view k_extension = ".ndjson";

std::string member_of(const std::string& file) {
    return file.ends_with(k_extension) ? file.substr(0, file.size() - k_extension.size()) : file;
}

// Lines become elements: a comma after each but the last. A row has no line feed inside.
void copy_lines(const std::string& path, io::File& out) {
    FileSource source(path);
    std::string block(k_block, '\0');
    std::string text;
    bool between = false;
    while (const std::size_t got = source.read(block.data(), block.size())) {
        text.clear();
        for (std::size_t i = 0; i < got; ++i) {
            if (between) {
                text += ",\n";
                between = false;
            }
            if (block[i] == '\n') {
                between = true;
            } else {
                text += block[i];
            }
        }
        out.write(text);
    }
}

/// True where a new table takes this one's place.
bool is_replaced(const Schema& schema, const ManifestTable& table) {
    return std::any_of(schema.tables.begin(), schema.tables.end(), [&](const Table& one) {
        return one.placement == Placement::replace && one.name == table.table.name;
    });
}

/// The files or members of tables.
std::set<std::string> files_of(const Manifest& manifest) {
    std::set<std::string> files;
    for (const ManifestTable& table : manifest.tables) {
        files.insert(table.file);
    }
    return files;
}

/// Those of tables that others take the place of. All else that was there stays, whosever it is.
std::set<std::string> files_that_go(const Manifest& existing, const Manifest& manifest) {
    const std::set<std::string> stays = files_of(manifest);
    std::set<std::string> gone = files_of(existing);
    std::erase_if(gone, [&](const std::string& file) { return stays.contains(file); });
    return gone;
}

/// The records as one list, newest first. `older` is a list, a single record or empty.
std::string with_older(const std::string& record, const std::string& older) {
    if (older.empty() || record.empty()) {
        return record.empty() ? older : "[" + record + "]";
    }
    return "[" + record + "," + (older.front() == '[' ? older.substr(1) : older + "]");
}

/// The first place where the text stands has the other, of the same length, when this returns. One file has
/// its manifest before all rows, which need not be written again.
void write_over(const std::string& path, const std::string& text, const std::string& other) {
    FileSource source(path);
    std::string seen;
    std::uint64_t offset = 0;
    std::string block(k_block, '\0');
    while (const std::size_t got = text.empty() ? 0 : source.read(block.data(), block.size())) {
        seen.append(block, 0, got);
        if (const std::size_t at = seen.find(text); at != std::string::npos) {
            io::File file = io::File::open_inside(path, offset + at);
            file.write(other);
            file.sync();
            return;
        }
        const std::size_t done = seen.size() - std::min(seen.size(), text.size());
        seen.erase(0, done);
        offset += done;
    }
}

}  // namespace

Manifest Staging::merged_manifest(const backend::TargetPlan& plan,
                                  const std::optional<Manifest>& existing) const {
    Manifest manifest;
    if (existing) {
        manifest = *existing;
        std::erase_if(manifest.tables,
                      [&](const ManifestTable& table) { return is_replaced(plan.schema, table); });
    }
    manifest.tool_version = MIGRATE_VERSION_STRING;
    manifest.provenance = with_older(plan.provenance_json, manifest.provenance);
    manifest.keeps_code = manifest.keeps_code || backend::keeps_code(plan.schema);
    for (std::size_t i = 0; i < plan.schema.tables.size(); ++i) {
        ManifestTable one;
        one.table = plan.schema.tables[i];
        std::erase_if(one.table.columns, [](const Column& column) { return column.hidden; });
        if (const auto& known = m_state.tables[i].table.foreign_keys; !known.empty()) {
            one.table.foreign_keys = known;
        }
        one.file = m_layout == Layout::file ? member_of(m_tables[i].file()) : m_tables[i].file();
        one.rows = m_tables[i].rows();
        one.digest = to_string(m_tables[i].digest());
        manifest.tables.push_back(std::move(one));
    }
    backend::RecordedMigration record = m_state.migrations.front();
    record.state = "done";
    manifest.migrations.insert(manifest.migrations.begin(), std::move(record));
    return manifest;
}

void Staging::prepare(const backend::TargetPlan& plan, const std::optional<Manifest>& existing) {
    const auto alone = hold_alone();
    for (const StagedTable& table : m_tables) {
        // A chunk that was given up may have left bytes behind that its table never got.
        io::File::reopen_at(table.path(), table.size()).sync();
    }
    if (is_documents(m_layout)) {
        prepare_documents(plan);
        return;
    }
    if (m_layout == Layout::nested) {
        prepare_nested(plan);
        return;
    }
    const Manifest manifest = merged_manifest(plan, existing);
    if (m_layout == Layout::tables) {
        prepare_directory(manifest, existing);
    } else {
        prepare_file(manifest, existing);
    }
}

// From the start also where an earlier run had made some of it.
void Staging::prepare_documents(const backend::TargetPlan& plan) const {
    const AssembledSource::Place place = assembled();
    for (const std::string& directory : {place.temporary, io::join(m_path, "documents")}) {
        if (io::name_taken(directory)) {
            io::remove_tree(directory);
        }
    }
    io::make_directory(place.temporary);
    DocumentAssembler assembler(plan.schema, place.file_of, place.temporary);
    if (place.is_file) {
        io::remove_file(place.path);
        assembler.write_file(place.path);
    } else {
        io::make_directory(place.path);
        assembler.write_directory(place.path);
    }
    io::sync_directory(m_path);
}

// Likewise from the start.
void Staging::prepare_nested(const backend::TargetPlan& plan) const {
    const std::string temporary = io::join(m_path, "notes");
    for (const std::string& directory : {temporary, result_path()}) {
        if (io::name_taken(directory)) {
            io::remove_tree(directory);
        }
        io::make_directory(directory);
    }
    NestedWriter writer(
        plan.schema, [this](std::size_t table) { return m_tables.at(table).path(); }, temporary);
    Manifest manifest = merged_manifest(plan, std::nullopt);
    manifest.is_nested = true;
    const std::vector<std::string> files = writer.write(result_path());
    for (std::size_t i = 0; i < files.size(); ++i) {
        manifest.tables[i].file = files[i];
    }
    io::write_durable(io::join(result_path(), std::string(k_manifest_file)),
                      render_manifest(manifest) + "\n");
    io::sync_directory(result_path());
    io::sync_directory(m_path);
}

void Staging::prepare_directory(const Manifest& manifest, const std::optional<Manifest>& existing) const {
    if (existing) {
        const std::set<std::string> gone = files_that_go(*existing, manifest);
        for (const std::string& name : io::list_directory(m_target)) {
            const std::string kept = io::join(tables_path(), name);
            const std::string from = io::join(m_target, name);
            if (gone.contains(name) || name == k_manifest_file) {
                continue;
            }
            const bool is_new_table = std::any_of(m_tables.begin(), m_tables.end(),
                                                  [&](const auto& table) { return table.file() == name; });
            if (is_new_table || io::kind_of(from) != io::PathKind::file) {
                throw Error(ErrorCode::refused, from +
                                                    " came there while the migration ran, and cannot be "
                                                    "carried over; move it away and begin again");
            }
            io::remove_file(kept);  // of an earlier run
            io::link_or_copy(from, kept);
        }
    }
    io::write_durable(io::join(tables_path(), std::string(k_manifest_file)),
                      render_manifest(manifest) + "\n");
    io::sync_directory(tables_path());
}

void Staging::keep_audit_head(const std::string& head) {
    const std::string before = std::exchange(m_state.migrations.front().audit_head, head);
    if (head.empty() || is_documents(m_layout) || !io::name_taken(result_path())) {
        return;
    }
    if (m_layout == Layout::file) {
        write_over(result_path(), padded_head(before), padded_head(head));
        return;
    }
    const std::string path = io::join(result_path(), std::string(k_manifest_file));
    if (io::name_taken(path)) {
        Manifest manifest = read_manifest(result_path(), m_layout);
        manifest.migrations.front().audit_head = head;
        io::write_durable(path, render_manifest(manifest) + "\n");
    }
}

void Staging::prepare_file(const Manifest& manifest, const std::optional<Manifest>& existing) const {
    io::remove_file(result_path());
    io::File out = io::File::create_new(result_path());
    out.write("{\n\"manifest\": " + render_manifest(manifest) + ",\n\"tables\": {");
    std::string separator = "\n";
    const auto begin_table = [&](const std::string& member) {
        std::string text = separator;
        append_quoted(member, text);
        out.write(text + ": ");
        separator = ",\n";
    };
    FileContents contents;
    if (existing) {
        contents = read_contents(m_target);
        const std::set<std::string> gone = files_that_go(*existing, manifest);
        std::erase_if(contents.tables,
                      [&](const TableSection& section) { return gone.contains(section.member); });
    }
    for (const TableSection& section : contents.tables) {
        begin_table(section.member);
        copy_bytes(m_target, section.begin, section.end, out);
    }
    for (const StagedTable& table : m_tables) {
        begin_table(member_of(table.file()));
        out.write("[\n");
        copy_lines(table.path(), out);
        out.write(table.rows() == 0 ? "]" : "\n]");
    }
    out.write("\n}");
    for (const OtherMember& other : contents.others) {
        std::string text = ",\n";
        append_quoted(other.name, text);
        out.write(text + ": ");
        copy_bytes(m_target, other.begin, other.end, out);
    }
    out.write("\n}\n");
    out.sync();
    out.close();
    io::sync_directory(m_path);
}

}  // namespace migrate::backends::json
