#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace migrate::test {

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
            std::ifstream file(entry.path(), std::ios::binary);
            std::ostringstream text;
            text << file.rdbuf();
            tree[name] = text.str();
        }
    }
    return tree;
}

}  // namespace migrate::test
