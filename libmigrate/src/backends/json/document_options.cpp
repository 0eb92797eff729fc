#include "backends/json/document_options.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include <migrate/error.hpp>

namespace migrate::backends::json {

namespace {

// Objects within objects are walked by calls within calls, so this is what keeps the stack small.
constexpr std::size_t k_deepest_nesting = 64;

[[noreturn]] void throw_usage(const std::string& option, const std::string& value,
                              const std::string& allowed) {
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.backend = "json";
    facts.next_step = "Use " + allowed + ".";
    throw Error(std::move(facts), "the JSON option " + option + " cannot be \"" + value + "\"");
}

[[noreturn]] void throw_unknown(const std::string& name) {
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.backend = "json";
    for (const std::string_view known : document_option_names()) {
        facts.next_step += (facts.next_step.empty() ? "Its options are: " : ", ") + std::string(known);
    }
    facts.next_step += ".";
    throw Error(std::move(facts), "a json endpoint has no option \"" + name + "\"");
}

std::size_t number(const std::string& option, const std::string& value, std::size_t most) {
    std::size_t out = 0;
    const auto result = std::from_chars(value.data(), value.data() + value.size(), out);
    if (result.ec != std::errc() || result.ptr != value.data() + value.size() || out == 0 || out > most) {
        throw_usage(option, value, "a number from 1 to " + std::to_string(most));
    }
    return out;
}

std::string one_of(const std::string& option, const std::string& value,
                   std::initializer_list<const char*> allowed) {
    std::string list;
    for (const char* one : allowed) {
        if (value == one) {
            return value;
        }
        list += (list.empty() ? "" : ", ") + std::string(one);
    }
    throw_usage(option, value, list);
}

void read_option(const std::string& name, const std::string& value, DocumentOptions& options) {
    if (name == "format") {
        options.format = one_of(name, value, {"json", "ndjson"});
    } else if (name == "layout") {
        options.one_table = one_of(name, value, {"documents", "tables", "file"}) == "documents";
    } else if (name == "nested") {
        options.nested_as_json = one_of(name, value, {"normalize", "json"}) == "json";
    } else if (name == "keyed") {
        options.keyed = one_of(name, value, {"true", "false"}) == "true";
    } else if (name == "infer-keys") {
        options.infer_keys = one_of(name, value, {"true", "false"}) == "true";
    } else if (name == "duplicate-keys") {
        options.keep_duplicate_keys = one_of(name, value, {"refuse", "keep"}) == "keep";
    } else if (name == "root") {
        options.root = value;
        if (!value.empty() && value.front() != '/') {
            throw_usage(name, value, "a JSON pointer, /like/this");
        }
    } else if (name == "key") {
        options.key = value;
    } else if (name == "max-nesting") {
        options.max_nesting = number(name, value, k_deepest_nesting);
    } else if (name == "max-columns") {
        options.max_columns = number(name, value, 1500);
    } else if (name == "max-depth") {
        options.max_depth = number(name, value, 1'000'000);
    } else if (name == "bigint") {
        one_of(name, value, {"number", "string"});
    } else if (name != "nest") {
        throw_unknown(name);
    }
}

}  // namespace

std::vector<std::string_view> document_option_names() {
    return {"format", "layout", "nested",      "keyed",       "infer-keys", "duplicate-keys", "root",
            "key",    "nest",   "max-nesting", "max-columns", "max-depth",  "bigint"};
}

std::size_t most_nesting(const Endpoint& endpoint) {
    DocumentOptions options;
    if (const std::string levels = endpoint.option("max-nesting"); !levels.empty()) {
        read_option("max-nesting", levels, options);
    }
    return options.max_nesting;
}

DocumentOptions parse_document_options(const Endpoint& endpoint) {
    DocumentOptions options;
    for (const auto& [spelled, value] : endpoint.options) {
        std::string name = spelled;
        std::replace(name.begin(), name.end(), '_', '-');
        read_option(name, value, options);
    }
    return options;
}

}  // namespace migrate::backends::json
