#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

// A member that is not there must fail the test and not end the program.
#define RAPIDJSON_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : throw std::runtime_error("JSON: " #condition))
#include <rapidjson/document.h>

#include "support/run_command.hpp"

namespace migrate::test {

/// How often a text occurs in another.
inline std::size_t count_of(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) {
        ++count;
    }
    return count;
}

/// The run ended with this code and one clear message: what, and what to do next.
inline void require_one_error(const CommandResult& result, int exit_code) {
    INFO("stdout: " << result.out << "\nstderr: " << result.err);
    REQUIRE(result.signal == 0);
    CHECK(result.exit_code == exit_code);
    CHECK(count_of("\n" + result.err, "\nmigrate-cli: ") == 1);
    CHECK(result.err.find("next: ") != std::string::npos);
    CHECK(result.err.find("internal") == std::string::npos);
}

inline void require_success(const CommandResult& result) {
    INFO("stdout: " << result.out << "\nstderr: " << result.err);
    REQUIRE(result.signal == 0);
    REQUIRE(result.exit_code == 0);
}

/// The text as one JSON document, which it must be.
inline rapidjson::Document json_of(const std::string& text) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(text.c_str(), text.size());
    INFO(text);
    REQUIRE_FALSE(document.HasParseError());
    REQUIRE(document.IsObject());
    return document;
}

}  // namespace migrate::test
