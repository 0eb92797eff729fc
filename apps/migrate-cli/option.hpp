#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::cli {

/// How an option's text is read.
enum class OptionKind : std::uint8_t {
    flag,    ///< true or false; true when given without a value.
    choice,  ///< One of OptionSpec::choices.
    count,   ///< A whole number.
    size,    ///< Bytes, with K, M or G for their binary multiples.
    rate,    ///< Rows or bytes a second: "5000rows", "20MB".
    text,
    list,    ///< Comma-separated, and may be given several times; "\," is a comma.
    repeat,  ///< May be given several times; a comma is a comma.
};

enum class OptionGroup : std::uint8_t { sides, run, content, json, resource, output, general };

/// One option of the command, wherever it is set: command line, MIGRATE_… variable or configuration file.
struct OptionSpec {
    std::string_view name;  ///< Without dashes; also its key in the file.
    OptionKind kind = OptionKind::text;
    OptionGroup group = OptionGroup::general;
    std::string_view argument;  ///< Its name in help; empty for a flag.
    std::string_view fallback;  ///< Built-in default as text; empty = none.
    std::string_view choices;   ///< "a|b|c", for choice, and for a list of such words.
    bool per_run = false;       ///< An act, not a habit: command line only.
    std::string_view help;
};

/// Every option there is, in the order of help.
std::span<const OptionSpec> all_options();
/// Null if there is none of that name.
const OptionSpec* find_option(std::string_view name);
/// The words that it takes; empty where it takes any.
std::vector<std::string> choices_of(const OptionSpec& option);
/// "MIGRATE_CHUNK_ROWS" for "chunk-rows".
std::string environment_name(const OptionSpec& option);

/// The values that a text gives the option: one, or the items of a list.
/// Throws: Error{usage} that names `origin`, where the text is none of its values.
std::vector<std::string> read_values(const OptionSpec& option, const std::string& text,
                                     const std::string& origin);
/// Throws: Error{usage}.
bool read_flag(const std::string& text, const std::string& what);
std::uint64_t read_count(const std::string& text, const std::string& what);
std::uint64_t read_size(const std::string& text, const std::string& what);

/// One of the two is 0.
struct Rate {
    std::uint64_t rows_per_second = 0;
    std::uint64_t bytes_per_second = 0;
};
Rate read_rate(const std::string& text, const std::string& what);

}  // namespace migrate::cli
