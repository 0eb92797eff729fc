#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "support/compare_databases.hpp"

namespace {

constexpr int k_equal = 0;
constexpr int k_different = 4;
constexpr int k_usage = 2;
constexpr std::size_t k_shown = 20;

void print_usage(std::FILE* to) {
    std::fputs(
        "usage: migrate-compare [--rows-only] [--fold-names] [--skip TABLE]... LEFT RIGHT\n"
        "LEFT, RIGHT: sqlite:PATH, pg:CONNINFO, postgresql://…, json:PATH (as the tool wrote it)\n"
        "exit code: 0 equal, 4 different, 2 not compared\n",
        to);
}

}  // namespace

int main(int count, char** arguments) {
    migrate::test::CompareOptions options;
    std::vector<std::string> sides;
    for (int i = 1; i < count; ++i) {
        const std::string argument = arguments[i];
        if (argument == "--rows-only") {
            options.rows_only = true;
        } else if (argument == "--fold-names") {
            options.fold_names = true;
        } else if (argument == "--skip" && i + 1 < count) {
            options.skip_tables.insert(arguments[++i]);
        } else if (argument.starts_with("--")) {
            print_usage(stderr);
            return k_usage;
        } else {
            sides.push_back(argument);
        }
    }
    if (sides.size() != 2) {
        print_usage(stderr);
        return k_usage;
    }
    try {
        const auto result = migrate::test::compare_databases(sides[0], sides[1], options);
        for (std::size_t i = 0; i < std::min(k_shown, result.differences.size()); ++i) {
            std::printf("%s\n", result.differences[i].c_str());
        }
        std::printf("%llu tables, %llu rows, %llu differences\n",
                    static_cast<unsigned long long>(result.tables),
                    static_cast<unsigned long long>(result.rows),
                    static_cast<unsigned long long>(result.difference_count));
        return result.equal() ? k_equal : k_different;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "migrate-compare: %s\n", error.what());
        return k_usage;
    }
}
