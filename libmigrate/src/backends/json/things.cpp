#include "backends/json/things.hpp"

#include <filesystem>
#include <vector>

#include "backends/json/layout.hpp"
#include "backends/json/written_files.hpp"
#include "io/directory.hpp"
#include "util/hash.hpp"

namespace migrate::backends::json {
namespace {

std::string mode_of(const std::string& path) {
    return std::to_string(static_cast<unsigned>(std::filesystem::symlink_status(path).permissions()));
}

void add_tables(const std::string& path, backend::Things& things) {
    const auto layout = detect_layout(path);
    if (!layout) {
        return;
    }
    for (const ManifestTable& table : read_manifest(path, *layout).tables) {
        Manifest alone;
        alone.tables = {table};
        things[{backend::k_catalog, "table " + table.table.name.display()}] =
            util::sha256_hex(render_manifest(alone));
    }
}

}  // namespace

backend::Things things_at(const std::string& path) {
    backend::Things things;
    if (!io::name_taken(path)) {
        return things;
    }
    add_tables(path, things);
    things[{backend::k_privileges, "."}] = mode_of(path);
    if (io::kind_of(path) == io::PathKind::directory) {
        for (const std::string& name : io::list_directory(path)) {
            things[{backend::k_privileges, name}] = mode_of(io::join(path, name));
        }
    }
    return things;
}

// As files are listed: a line a thing, its kind before its name.
std::string render_things(const backend::Things& things) {
    std::vector<WrittenFile> lines;
    lines.reserve(things.size());
    for (const auto& [key, text] : things) {
        lines.push_back({key.first + " " + key.second, 0, text});
    }
    return render_written_files(lines);
}

backend::Things parse_things(const std::string& text, const std::string& name) {
    backend::Things things;
    for (const WrittenFile& line : parse_written_files(text, name)) {
        const std::size_t space = line.path.find(' ');
        things[{line.path.substr(0, space), space == std::string::npos ? "" : line.path.substr(space + 1)}] =
            line.hash;
    }
    return things;
}

}  // namespace migrate::backends::json
