// What would stop a migration into a JSON target, found before anything is written.

#include <algorithm>

#include "backends/json/json_target.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

Finding blocker(const std::string& code, const std::string& object, const std::string& message,
                const std::string& next_step) {
    return {Severity::blocker, code, object, message, next_step, 0};
}

void look_at_place(const std::string& path, std::uint64_t bytes, std::vector<Finding>& findings) {
    const std::string parent = io::parent_of(path);
    if (io::kind_of(parent) != io::PathKind::directory) {
        findings.push_back(blocker("directory-missing", parent,
                                   "the directory that would hold the target is not there",
                                   "Make it, or choose another place."));
        return;
    }
    if (!io::is_writable_directory(parent)) {
        findings.push_back(blocker("not-writable", parent,
                                   "this user may not write into the directory that would hold the target",
                                   "Give access, or choose another place."));
    }
    const std::uint64_t free = io::free_space(parent);
    if (free < bytes) {
        findings.push_back(blocker(
            "disk-space", parent,
            "about " + std::to_string(bytes) + " bytes are needed, " + std::to_string(free) + " are free",
            "Free some space, or choose another place."));
    }
}

bool has_only_files(const std::string& directory) {
    const std::vector<std::string> names = io::list_directory(directory);
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        return io::kind_of(io::join(directory, name)) == io::PathKind::file;
    });
}

void look_at_target(const std::string& path, Layout layout, std::vector<Finding>& findings) {
    if (!io::name_taken(path)) {
        return;
    }
    const io::PathKind kind = io::kind_of(path);
    if (io::is_symbolic_link(path)) {
        findings.push_back(blocker("target-is-link", path,
                                   "the target is a symbolic link, which a rename would replace",
                                   "Name what it points to."));
    } else if (is_written_anew(layout)) {
        if (kind != io::PathKind::directory || layout == Layout::document ||
            !io::list_directory(path).empty()) {
            findings.push_back(blocker("target-exists", path, "documents are to be written, and it exists",
                                       "Choose another name, or move it away."));
        }
    } else if (layout == Layout::tables && kind != io::PathKind::directory) {
        findings.push_back(blocker("target-exists", path,
                                   "a directory of tables is to be written, and this is a file",
                                   "Choose another name, or layout=file."));
    } else if (layout == Layout::file && kind != io::PathKind::file) {
        findings.push_back(blocker("target-exists", path,
                                   "one file is to be written, and this is a directory",
                                   "Choose another name, or layout=tables."));
    } else if (detect_layout(path) != layout &&
               !(layout == Layout::tables && io::list_directory(path).empty())) {
        findings.push_back(blocker("target-exists", path, "it exists and was not written by this tool",
                                   "Choose another name, or move it away."));
    } else if (layout == Layout::tables && !has_only_files(path)) {
        findings.push_back(blocker("target-exists", path,
                                   "it holds directories or other things that this tool did not write",
                                   "Move them away, or choose another name."));
    }
}

}  // namespace

std::vector<Finding> JsonTarget::preflight(const backend::TargetPlan& plan, std::uint64_t bytes) {
    follow(plan);
    std::vector<Finding> findings;
    look_at_target(m_path, m_layout, findings);
    const bool rewrites = m_layout == Layout::file && io::kind_of(m_path) == io::PathKind::file;
    look_at_place(m_path,
                  bytes * (is_written_anew(m_layout)  ? 3
                           : m_layout == Layout::file ? 2
                                                      : 1) +
                      (rewrites ? io::stamp_of(m_path).size : 0),
                  findings);
    const std::vector<QualifiedName> existing = existing_tables();
    for (const Table& table : plan.schema.tables) {
        if (table.placement == Placement::create &&
            std::find(existing.begin(), existing.end(), table.name) != existing.end()) {
            findings.push_back(
                blocker("table-exists", "table " + table.name.display(),
                        "the target already has a table of this name",
                        "Put a new one in its place with --on-existing replace, choose another "
                        "target, or leave the table out."));
        }
    }
    return findings;
}

}  // namespace migrate::backends::json
