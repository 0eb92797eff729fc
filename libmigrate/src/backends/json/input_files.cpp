#include "backends/json/input_files.hpp"

#include <algorithm>
#include <map>

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

std::vector<io::FoundFile> json_files(const std::string& path) {
    std::vector<io::FoundFile> files = io::walk_directory(path);
    std::erase_if(files, [](const io::FoundFile& file) { return !is_json_name(file.relative.back()); });
    if (files.empty()) {
        ErrorFacts facts;
        facts.code = ErrorCode::not_found;
        facts.backend = "json";
        facts.next_step = "Files are taken that end in .json, .ndjson or .jsonl.";
        throw Error(std::move(facts), "there is no JSON file in the directory " + path);
    }
    return files;
}

std::vector<InputGroup> group_directory(const std::string& path, const DocumentOptions& options) {
    const std::vector<io::FoundFile> files = json_files(path);
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

std::vector<InputGroup> find_input(const std::string& path, const DocumentOptions& options) {
    switch (io::kind_of(path)) {
        case io::PathKind::directory:
            return group_directory(path, options);
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
