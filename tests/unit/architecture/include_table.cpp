#include "unit/architecture/include_table.hpp"

namespace migrate::tests {

std::span<const ModuleRule> module_rules() {
    static const std::vector<ModuleRule> rules = {
        {"util", {}, {"sodium"}},
        {"io", {"util"}, {"zstd", "posix"}},
        {"model", {"util"}, {"sodium"}},
        {"session", {"util", "model"}, {"soci", "sqlite3", "libpq", "posix"}},
        {"audit", {"util", "io"}, {"rapidjson"}},
        {"backend", {"model", "util"}, {}},
        {"backends/sqlite", {"backend", "model", "util", "io", "session"}, {"soci", "sqlite3"}},
        {"backends/postgresql", {"backend", "model", "util", "io", "session"}, {"soci", "libpq"}},
        {"backends/json", {"backend", "model", "util", "io"}, {"rapidjson"}},
        {"adapter", {"backend", "mapping", "plan", "verify", "state", "model", "util"}, {}},
        {"mapping", {"model", "util"}, {}},
        {"plan", {"backend", "mapping", "model", "util", "io"}, {"rapidjson"}},
        {"state", {"plan", "model", "util", "io", "session"}, {"soci", "rapidjson"}},
        {"backup", {"backend", "plan", "model", "util", "io"}, {"zstd", "sodium", "rapidjson"}},
        {"copy", {"backend", "mapping", "plan", "state", "model", "util"}, {}},
        {"verify", {"backend", "mapping", "plan", "model", "util"}, {}},
        {"report", {"verify", "state", "plan", "model", "util", "io"}, {"sodium", "rapidjson"}},
        {"rollback", {"backend", "copy", "verify", "plan", "state", "model", "util", "io"}, {"zstd"}},
        // The facade and its parts: everything but the insides of the backends.
        {"migrator",
         {"util", "io", "model", "session", "backend", "adapter", "mapping", "plan", "state", "copy",
          "verify", "rollback", "audit", "backup", "report"},
         {}},
        {"rehearsal",
         {"util", "io", "model", "backend", "mapping", "plan", "verify", "audit", "migrator"},
         {}},
        {"",
         {"util", "io", "model", "session", "backend", "adapter", "mapping", "plan", "state", "copy",
          "verify", "rollback", "audit", "backup", "report", "migrator", "rehearsal"},
         {}},
        {"soci_endpoint.cpp", {"util", "model", "session", "backend", "soci"}, {"soci"}},
    };
    return rules;
}

std::span<const std::string_view> third_parties_for_all() {
    static const std::vector<std::string_view> names = {"fmt", "boost", "xxhash"};
    return names;
}

std::span<const PublicHeader> public_headers() {
    static const std::vector<PublicHeader> headers = {
        {"version", "base"},       {"export", "base"},
        {"error", "base"},         {"finding", "base"},
        {"event", "base"},         {"logical_type", "model"},
        {"schema", "model"},       {"row_batch", "model"},
        {"chunk", "model"},        {"digest", "model"},
        {"dead_letter", "model"},  {"expression", "model"},
        {"endpoint", "model"},     {"mapping_spec", "model"},
        {"plan_options", "model"}, {"migration_plan", "plan"},
        {"rollback", "model"},     {"rehearsal", "model"},
        {"run_record", "plan"},    {"migration_result", "state"},
        {"run_report", "report"},  {"verification", "verify"},
        {"migrator", "migrator"},  {"migrate", "migrator"},
        {"soci", "soci"},          {"version_info", "base"},
        {"pause_control", "base"}, {"run_limits", "base"},
        {"stage_time", "base"},    {"audit", "audit"},
        {"backup", "model"},       {"dead_letter_retry", "migrator"},
    };
    return headers;
}

std::span<const ThirdParty> third_parties() {
    static const std::vector<ThirdParty> parties = {
        {"soci/", "soci"},           {"sqlite3.h", "sqlite3"},
        {"libpq-fe.h", "libpq"},     {"libpq/", "libpq"},
        {"rapidjson/", "rapidjson"}, {"boost/program_options", "program_options"},
        {"boost/", "boost"},         {"fmt/", "fmt"},
        {"xxhash.h", "xxhash"},      {"xxh3.h", "xxhash"},
        {"sodium", "sodium"},        {"zstd", "zstd"},
        {"spdlog/", "spdlog"},       {"yaml-cpp/", "yaml-cpp"},
        {"catch2/", "catch2"},
    };
    return parties;
}

}  // namespace migrate::tests
