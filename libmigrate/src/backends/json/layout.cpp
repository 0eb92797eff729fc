#include "backends/json/layout.hpp"

#include <migrate/error.hpp>

#include "backends/json/document.hpp"
#include "backends/json/file_source.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

// Rows were written by this tool and may hold JSON values of any depth and with duplicate keys.
TokenizerOptions trusting_options() {
    TokenizerOptions options;
    options.max_depth = 1U << 20U;
    options.refuse_duplicate_keys = false;
    return options;
}

bool opens_manifest(Tokenizer& tokenizer) {
    return tokenizer.next() == Token::begin_object && tokenizer.next() == Token::key &&
           tokenizer.text() == "format" && tokenizer.next() == Token::string &&
           tokenizer.text() == k_manifest_format;
}

// The layout is said in front, where there is more than one.
std::optional<Layout> layout_of_manifest(const std::string& path) {
    FileSource source(path);
    Tokenizer tokenizer(source, path, {.block_bytes = 4096});
    if (!opens_manifest(tokenizer)) {
        return std::nullopt;
    }
    const bool says_layout =
        tokenizer.next() == Token::key && tokenizer.text() == "layout" && tokenizer.next() == Token::string;
    return says_layout && tokenizer.text() == k_nested_layout ? Layout::nested : Layout::tables;
}

bool is_database_file(const std::string& path) {
    FileSource source(path);
    Tokenizer tokenizer(source, path, {.block_bytes = 4096});
    return tokenizer.next() == Token::begin_object && tokenizer.next() == Token::key &&
           tokenizer.text() == "manifest" && opens_manifest(tokenizer);
}

constexpr std::size_t k_largest_manifest = std::size_t{1} << 28U;

}  // namespace

std::optional<Layout> detect_layout(const std::string& path) {
    try {
        const std::string manifest = io::join(path, std::string(k_manifest_file));
        if (io::kind_of(path) == io::PathKind::directory) {
            if (io::kind_of(manifest) == io::PathKind::file) {
                return layout_of_manifest(manifest);
            }
        } else if (io::kind_of(path) == io::PathKind::file && is_database_file(path)) {
            return Layout::file;
        }
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): what does not read as one is none
    }
    return std::nullopt;
}

Manifest read_manifest(const std::string& path, Layout layout) {
    if (layout != Layout::file) {
        const std::string file = io::join(path, std::string(k_manifest_file));
        return parse_manifest(io::read_whole(file, k_largest_manifest), file);
    }
    FileSource source(path);
    Tokenizer tokenizer(source, path, trusting_options());
    Document document;
    tokenizer.next();
    tokenizer.next();
    document.read(tokenizer, tokenizer.next());
    return parse_manifest(document.raw(Document::k_root), path);
}

std::vector<TableSection> find_sections(const std::string& path) {
    FileSource source(path);
    Tokenizer tokenizer(source, path, trusting_options());
    std::vector<TableSection> sections;
    tokenizer.next();
    bool in_tables = false;
    for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
        if (token == Token::key && tokenizer.depth() == 1) {
            in_tables = tokenizer.text() == "tables";
        } else if (in_tables && tokenizer.depth() == 2 && token == Token::key) {
            sections.push_back({std::string(tokenizer.text()), 0, 0, 1, 0});
        } else if (in_tables && tokenizer.depth() == 3 && token == Token::begin_array) {
            sections.back().begin = tokenizer.token_begin();
            sections.back().line = tokenizer.position().line;
        } else if (in_tables && tokenizer.depth() == 2 && token == Token::end_array) {
            sections.back().end = tokenizer.token_end();
        } else if (in_tables && tokenizer.depth() == 4 && token == Token::begin_object) {
            ++sections.back().rows;
        }
    }
    for (const TableSection& section : sections) {
        if (section.end == 0) {
            throw Error(ErrorCode::malformed, path + ": the member \"" + section.member +
                                                  "\" of \"tables\" is not an array of rows");
        }
    }
    return sections;
}

}  // namespace migrate::backends::json
