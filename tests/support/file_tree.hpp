#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace migrate::test {

/// Every byte of a file; empty where it cannot be read.
inline std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Every file below a directory with its bytes, directories with "/" and links with where they lead: equal
/// trees are equal to the last byte. SQLite files must not be open in this process, whose locks would be
/// dropped.
inline std::map<std::string, std::string> file_tree(const std::string& directory) {
    namespace fs = std::filesystem;
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        const std::string name = fs::relative(entry.path(), directory).string();
        if (entry.is_symlink()) {
            tree[name] = "-> " + fs::read_symlink(entry.path()).string();
        } else if (entry.is_directory()) {
            tree[name] = "/";
        } else {
            tree[name] = content_of(entry.path());
        }
    }
    return tree;
}

}  // namespace migrate::test
