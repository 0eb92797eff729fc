#include "backends/json/grown_version.hpp"

#include "backends/json/byte_copy.hpp"
#include "backends/json/json_text.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

GrowingTable* grown_at(const GrownVersion& version, const std::string& file) {
    const auto found = version.grown.find(file);
    return found == version.grown.end() ? nullptr : found->second;
}

void close(io::File& out) {
    out.sync();
    out.close();
}

void write_directory(const GrownVersion& version, const std::string& path) {
    io::make_directory(path);
    for (const std::string& name : io::list_directory(version.from)) {
        const std::string from = io::join(version.from, name);
        const std::string to = io::join(path, name);
        if (name == k_manifest_file) {
            io::write_durable(to, render_manifest(version.manifest) + "\n");
            io::take_access(from, to);
        } else if (GrowingTable* const table = grown_at(version, name)) {
            io::File out = io::File::create_new(to);
            table->write(out);
            close(out);
            io::take_access(from, to);
        } else {
            io::link_or_copy(from, to);
        }
    }
    io::take_access(version.from, path);
    io::sync_directory(path);
}

void write_file(const GrownVersion& version, const std::string& path) {
    io::File out = io::File::create_new(path);
    out.write("{\n\"manifest\": " + render_manifest(version.manifest) + ",\n\"tables\": {");
    std::string separator = "\n";
    for (const TableSection& section : version.contents.tables) {
        std::string text = separator;
        append_quoted(section.member, text);
        out.write(text + ": ");
        separator = ",\n";
        if (GrowingTable* const table = grown_at(version, section.member)) {
            table->write(out);
        } else {
            copy_bytes(version.from, section.begin, section.end, out);
        }
    }
    out.write("\n}");
    for (const OtherMember& other : version.contents.others) {
        std::string text = ",\n";
        append_quoted(other.name, text);
        out.write(text + ": ");
        copy_bytes(version.from, other.begin, other.end, out);
    }
    out.write("\n}\n");
    close(out);
    io::take_access(version.from, path);
}

}  // namespace

SeenFiles::SeenFiles(const std::string& path) {
    if (io::kind_of(path) != io::PathKind::directory) {
        m_files[""] = io::stamp_of(path);
        return;
    }
    for (const std::string& name : io::list_directory(path)) {
        m_files[name] = io::stamp_of(io::join(path, name));
    }
}

// Not the time of the inode, which another name for the file changes as well.
bool SeenFiles::operator==(const SeenFiles& other) const {
    const auto is_same = [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.device == b.second.device && a.second.inode == b.second.inode &&
               a.second.size == b.second.size && a.second.modified_ns == b.second.modified_ns;
    };
    return std::equal(m_files.begin(), m_files.end(), other.m_files.begin(), other.m_files.end(), is_same);
}

void write_version(const GrownVersion& version, const std::string& path) {
    if (version.layout == Layout::file) {
        write_file(version, path);
    } else {
        write_directory(version, path);
    }
}

}  // namespace migrate::backends::json
