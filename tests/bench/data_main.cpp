#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "bench/generator.hpp"

namespace {

int usage() {
    std::fputs(
        "usage: migrate-bench-data orders FILE.db SCALE      8 tables, 8.66 million rows at scale 1\n"
        "       migrate-bench-data records FILE.ndjson COUNT\n"
        "       migrate-bench-data small FILE.db TABLES ROWS\n"
        "       migrate-bench-data parse FILE.ndjson          reads it with RapidJSON and does nothing\n",
        stderr);
    return 2;
}

}  // namespace

/// Makes the benchmark's data: the same bytes for the same arguments, everywhere.
int main(int argc, char** argv) {
    try {
        if (argc == 4 && std::strcmp(argv[1], "orders") == 0) {
            migrate::bench::write_order_database(argv[2], std::stod(argv[3]));
        } else if (argc == 4 && std::strcmp(argv[1], "records") == 0) {
            migrate::bench::write_order_records(argv[2], std::stoll(argv[3]));
        } else if (argc == 5 && std::strcmp(argv[1], "small") == 0) {
            migrate::bench::write_small_tables(argv[2], std::stoll(argv[3]), std::stoll(argv[4]));
        } else if (argc == 3 && std::strcmp(argv[1], "parse") == 0) {
            std::printf("%llu records\n",
                        static_cast<unsigned long long>(migrate::bench::parse_records(argv[2])));
        } else {
            return usage();
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "migrate-bench-data: %s\n", error.what());
        return 1;
    }
}
