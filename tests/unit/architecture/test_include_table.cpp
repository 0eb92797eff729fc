#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "unit/architecture/include_check.hpp"

namespace {

namespace fs = std::filesystem;
using migrate::tests::private_violations;
using migrate::tests::public_violations;
using migrate::tests::user_violations;

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The .hpp and .cpp files below a folder of the project, sorted.
std::vector<fs::path> sources_below(const std::string& folder) {
    std::vector<fs::path> paths;
    const fs::path root = fs::path(MIGRATE_SOURCE_DIR) / folder;
    if (!fs::exists(root)) {
        return paths;
    }
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.path().extension() == ".hpp" || entry.path().extension() == ".cpp") {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

/// What a check finds in all sources below a folder.
template <typename Check>
std::vector<std::string> violations_below(const std::string& folder, Check check) {
    std::vector<std::string> all;
    const fs::path root = fs::path(MIGRATE_SOURCE_DIR) / folder;
    for (const fs::path& path : sources_below(folder)) {
        const auto found = check(fs::relative(path, root).generic_string(), read(path));
        all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

std::size_t line_count(const fs::path& path) {
    const std::string text = read(path);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("architecture: each module includes only what the include table allows", "[architecture]") {
    REQUIRE_FALSE(sources_below("libmigrate/src").empty());
    CHECK(violations_below("libmigrate/src", private_violations) == std::vector<std::string>{});
}

TEST_CASE("architecture: public headers include only the standard library and each other", "[architecture]") {
    REQUIRE_FALSE(sources_below("libmigrate/include/migrate").empty());
    CHECK(violations_below("libmigrate/include/migrate", public_violations) == std::vector<std::string>{});
}

TEST_CASE("architecture: the command and the examples include no insides of the library", "[architecture]") {
    CHECK(violations_below("apps", user_violations) == std::vector<std::string>{});
    CHECK(violations_below("examples", user_violations) == std::vector<std::string>{});
}

TEST_CASE("architecture: migrate.hpp includes every public header but the one for SOCI", "[architecture]") {
    const std::string all = read(fs::path(MIGRATE_SOURCE_DIR) / "libmigrate/include/migrate/migrate.hpp");
    for (const fs::path& path : sources_below("libmigrate/include/migrate")) {
        const std::string name = path.filename().string();
        if (name == "migrate.hpp" || name == "soci.hpp") {
            continue;
        }
        CAPTURE(name);
        CHECK(all.find("#include <migrate/" + name + ">\n") != std::string::npos);
    }
    CHECK(all.find("soci") == std::string::npos);
}

TEST_CASE("architecture: no source file is longer than 600 lines", "[architecture]") {
    for (const std::string folder : {"libmigrate", "apps", "examples", "tests"}) {
        for (const fs::path& path : sources_below(folder)) {
            CAPTURE(path.generic_string());
            CHECK(line_count(path) <= 600);
        }
    }
}

TEST_CASE("architecture: the include check sees each kind of violation", "[architecture]") {
    struct Case {
        const char* path;
        const char* text;
    };
    const auto refused = GENERATE(values<Case>({
        {"util/a.cpp", "#include \"model/b.hpp\"\n"},
        {"util/a.cpp", "#include <migrate/schema.hpp>\n"},
        {"model/a.cpp", "#include <soci/soci.h>\n"},
        {"model/a.cpp", "#include <unistd.h>\n"},
        {"backends/json/a.cpp", "#include \"backends/sqlite/b.hpp\"\n"},
        {"backends/json/a.cpp", "#include \"session/b.hpp\"\n"},
        {"backends/sqlite/a.cpp", "#include <rapidjson/document.h>\n"},
        {"mapping/a.cpp", "\n#include \"io/file.hpp\"\n"},
        {"mapping/a.cpp", "#include <migrate/migration_plan.hpp>\n"},
        {"migrator.cpp", "#include \"backends/sqlite/b.hpp\"\n"},
        {"migrator.cpp", "#include <soci/soci.h>\n"},
        {"plan/a.cpp", "#include \"a.hpp\"\n"},
        {"plan/a.cpp", "#include <migrate/of_no_module.hpp>\n"},
        {"nowhere/a.cpp", "#include \"util/b.hpp\"\n"},
        {"nowhere/a.cpp", "#include <zstd.h>\n"},
        {"plan/a.cpp", "#include <boost/program_options.hpp>\n"},
    }));
    CAPTURE(refused.path, refused.text);
    CHECK(private_violations(refused.path, refused.text).size() == 1);
}

TEST_CASE("architecture: the include check lets allowed includes pass", "[architecture]") {
    CHECK(private_violations("backends/sqlite/a.cpp",
                             "#include <vector>\n#include <soci/sqlite3/soci-sqlite3.h>\n"
                             "#include <migrate/error.hpp>\n#include <migrate/schema.hpp>\n"
                             "#include \"backend/source.hpp\"\n#include \"backends/sqlite/sql/t.sql.hpp\"\n"
                             "// #include \"copy/pipeline.hpp\"\n")
              .empty());
    CHECK(private_violations("migrator.cpp", "#include \"copy/a.hpp\"\n#include <migrate/migrator.hpp>\n")
              .empty());
}

TEST_CASE("architecture: the checks of public headers and of the command see a violation", "[architecture]") {
    CHECK(public_violations("schema.hpp", "#include <fmt/format.h>\n").size() == 1);
    CHECK(public_violations("schema.hpp", "#include \"model/a.hpp\"\n").size() == 1);
    CHECK(public_violations("schema.hpp", "#include <soci/soci.h>\n").size() == 1);
    CHECK(public_violations("soci.hpp", "#include <soci/soci.h>\n#include <migrate/endpoint.hpp>\n").empty());
    CHECK(user_violations("a.cpp", "#include \"../libmigrate/src/model/a.hpp\"\n").size() == 1);
    CHECK(user_violations("a.cpp", "#include <migrate/migrate.hpp>\n#include \"options.hpp\"\n").empty());
}
