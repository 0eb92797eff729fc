#include "backends/json/input_files.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include <migrate/error.hpp>

#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

bool ends_with_folded(const std::string& name, const std::string& end) {
    return name.size() > end.size() &&
           std::equal(end.rbegin(), end.rend(), name.rbegin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

std::string stem_of(const std::string& name) {
    for (const char* extension : {".json", ".ndjson", ".jsonl"}) {
        if (ends_with_folded(name, extension)) {
            return name.substr(0, name.size() - std::string(extension).size());
        }
    }
    return name;
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
    std::string out;
    for (const std::string& part : parts) {
        out += (out.empty() ? "" : separator) + part;
    }
    return out;
}

InputFile input_file(const io::FoundFile& found, const DocumentOptions& options) {
    const std::string& name = found.relative.back();
    const bool is_lines = options.format.empty() ? is_lines_name(name) : options.format == "ndjson";
    return {found.path, joined(found.relative, "/"), is_lines};
}

// The path with its last directory left open: a/1/index.json and a/2/index.json have the same.
std::string pattern_of(const std::vector<std::string>& parts) {
    std::vector<std::string> pattern = parts;
    if (pattern.size() >= 2) {
        pattern[pattern.size() - 2] = "*";
    }
    return joined(pattern, "/");
}

// "a" for a/*/index.json; "a__b" for a/*/b.json; the directory's own name for */index.json.
std::string group_name(const std::vector<std::string>& parts, const std::string& directory) {
    std::vector<std::string> fixed(parts.begin(), parts.end() - 2);
    const std::string stem = stem_of(parts.back());
    if (stem != "index") {
        fixed.push_back(stem);
    }
    return fixed.empty() ? directory : joined(fixed, "__");
}

std::string file_name(const std::vector<std::string>& parts) {
    std::vector<std::string> all = parts;
    all.back() = stem_of(all.back());
    return joined(all, "__");
}

// What programs keep in a directory for themselves, which is no part of what people keep there.
bool is_of_a_program(const std::string& name) {
    constexpr std::array<std::string_view, 6> k_names{".git", ".hg", ".svn", ".bzr", ".vscode", ".idea"};
    return std::find(k_names.begin(), k_names.end(), name) != k_names.end();
}

Finding finding_of(const io::PassedOver& one) {
    using Why = io::PassedOver::Why;
    const std::string name = joined(one.relative, "/");
    if (one.why == Why::hidden) {
        const bool is_note = is_of_a_program(one.relative.back());
        return {is_note ? Severity::note : Severity::left_out,
                "hidden-file",
                name,
                "it is hidden, so it is not read",
                "Give it a name without the dot, or read it on its own.",
                0};
    }
    if (one.why == Why::linked_directory) {
        return {Severity::left_out,
                "linked-directory",
                name,
                "it is a link to a directory, which is not followed",
                "Read what it leads to on its own, or put it in the link's place.",
                0};
    }
    const bool dangles = one.why == Why::dangling_link;
    return {Severity::left_out,
            dangles ? "dangling-link" : "not-a-file",
            name,
            dangles ? "it is a link to nothing" : "it is no file but a pipe, a socket or a device",
            "Put the file in its place, or take it away.",
            0};
}

void report_passed_over(const std::vector<io::PassedOver>& passed_over, std::vector<Finding>& findings) {
    for (const io::PassedOver& one : passed_over) {
        if (may_hold_json(one.path)) {
            findings.push_back(finding_of(one));
        }
    }
}

std::vector<io::FoundFile> json_files(const std::string& path, std::vector<Finding>& findings) {
    std::vector<io::PassedOver> passed_over;
    std::vector<io::FoundFile> files = io::walk_directory(path, &passed_over);
    report_passed_over(passed_over, findings);
    std::erase_if(files, [](const io::FoundFile& file) { return !is_json_name(file.relative.back()); });
    if (files.empty()) {
        ErrorFacts facts;
        facts.code = ErrorCode::not_found;
        facts.backend = "json";
        facts.next_step = "Files are taken that end in .json, .ndjson or .jsonl";
        facts.next_step += findings.empty() ? "."
                                            : "; " + findings.front().object +
                                                  " is passed over: " + findings.front().message + ".";
        throw Error(std::move(facts), "there is no JSON file in the directory " + path);
    }
    return files;
}

std::vector<InputGroup> group_directory(const std::string& path, const DocumentOptions& options,
                                        std::vector<Finding>& findings) {
    const std::vector<io::FoundFile> files = json_files(path, findings);
    std::vector<InputGroup> groups;
    if (options.one_table) {
        groups.push_back({io::name_of(path), true, true, {}});
        for (const io::FoundFile& file : files) {
            groups.front().files.push_back(input_file(file, options));
        }
        return groups;
    }
    std::map<std::string, std::size_t> siblings;
    for (const io::FoundFile& file : files) {
        ++siblings[pattern_of(file.relative)];
    }
    std::map<std::string, std::size_t> group_of;
    for (const io::FoundFile& file : files) {
        const std::string pattern = pattern_of(file.relative);
        const bool is_grouped = file.relative.size() >= 2 && siblings[pattern] >= 2;
        const auto [at, is_new] =
            group_of.emplace(is_grouped ? pattern : joined(file.relative, "/"), groups.size());
        if (is_new) {
            const std::string name =
                is_grouped ? group_name(file.relative, io::name_of(path)) : file_name(file.relative);
            groups.push_back({name, false, is_grouped, {}});
        }
        groups[at->second].files.push_back(input_file(file, options));
    }
    return groups;
}

}  // namespace

bool is_lines_name(const std::string& name) {
    return ends_with_folded(name, ".ndjson") || ends_with_folded(name, ".jsonl");
}

bool is_json_name(const std::string& name) {
    return ends_with_folded(name, ".json") || is_lines_name(name);
}

bool may_hold_json(const std::string& path) {
    try {
        if (io::kind_of(path) != io::PathKind::directory) {
            return is_json_name(io::name_of(path));
        }
        const std::vector<std::string> names = io::list_directory(path);
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
            const std::string full = io::join(path, name);
            return io::is_symbolic_link(full) ? is_json_name(name) : may_hold_json(full);
        });
    } catch (const Error&) {
        return true;
    }
}

std::vector<InputGroup> find_input(const std::string& path, const DocumentOptions& options,
                                   std::vector<Finding>& findings) {
    switch (io::kind_of(path)) {
        case io::PathKind::directory:
            return group_directory(path, options, findings);
        case io::PathKind::file: {
            const std::string name = io::name_of(path);
            return {{stem_of(name), true, options.one_table, {input_file({path, {name}}, options)}}};
        }
        default:
            io::File::open_read(path);
            throw Error(ErrorCode::not_found, "there is nothing to read at " + path);
    }
}

}  // namespace migrate::backends::json
