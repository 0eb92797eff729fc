#include "backends/json/layout.hpp"

#include <algorithm>
#include <set>

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

// Passes by the value that begins with the token.
void skip_value(Tokenizer& tokenizer, Token token) {
    if (token == Token::begin_object || token == Token::begin_array) {
        const std::size_t depth = tokenizer.depth();
        while (tokenizer.depth() >= depth) {
            tokenizer.next();
        }
    }
}

/// Finds the members of a database in one file.
class ContentsReader {
  public:
    explicit ContentsReader(const std::string& path)
        : m_path(path), m_source(path), m_tokenizer(m_source, path, trusting_options()) {}

    FileContents read() {
        m_tokenizer.next();
        std::set<std::string> names;
        while (m_tokenizer.next() == Token::key) {
            const std::string name = take_name(names, "");
            const Token token = m_tokenizer.next();
            if (name == "tables") {
                read_tables(token);
                continue;
            }
            const std::uint64_t begin = m_tokenizer.token_begin();
            skip_value(m_tokenizer, token);
            if (name != "manifest") {
                m_contents.others.push_back({name, begin, m_tokenizer.token_end()});
            }
        }
        m_tokenizer.next();
        return std::move(m_contents);
    }

  private:
    [[noreturn]] void fail(const std::string& what, const std::string& next_step) const {
        ErrorFacts facts;
        facts.code = ErrorCode::malformed;
        facts.backend = "json";
        facts.next_step = next_step;
        throw Error(std::move(facts),
                    m_path + ": line " + std::to_string(m_tokenizer.position().line) + ": " + what);
    }

    std::string take_name(std::set<std::string>& names, const std::string& of) const {
        std::string name(m_tokenizer.text());
        if (!names.insert(name).second) {
            fail("the member \"" + name + "\"" + of + " is there twice",
                 "Only one of them would be read; put both together, or take one away.");
        }
        return name;
    }

    void read_tables(Token token) {
        if (token != Token::begin_object) {
            fail("the member \"tables\" is not an object", "It holds an array of rows for each table.");
        }
        std::set<std::string> names;
        while (m_tokenizer.next() == Token::key) {
            TableSection section;
            section.member = take_name(names, " of \"tables\"");
            if (m_tokenizer.next() != Token::begin_array) {
                fail("the member \"" + section.member + "\" of \"tables\" is not an array of rows",
                     "Mend it, or take it away.");
            }
            section.begin = m_tokenizer.token_begin();
            section.line = m_tokenizer.position().line;
            for (Token row = m_tokenizer.next(); row != Token::end_array; row = m_tokenizer.next()) {
                ++section.rows;
                skip_value(m_tokenizer, row);
            }
            section.end = m_tokenizer.token_end();
            m_contents.tables.push_back(std::move(section));
        }
    }

    const std::string& m_path;
    FileSource m_source;
    Tokenizer m_tokenizer;
    FileContents m_contents;
};

// An object with a list of tables that have files and columns, and what else no other program's has.
bool has_manifest_members(Tokenizer& tokenizer) {
    bool has_tables = false;
    bool has_version = false;
    for (Token token = tokenizer.next(); token == Token::key; token = tokenizer.next()) {
        const std::string name(tokenizer.text());
        token = tokenizer.next();
        has_version = has_version || name == "tool_version" ||
                      (name == "format" && token == Token::string && tokenizer.text() == k_manifest_format);
        has_tables = has_tables || (name == "tables" && token == Token::begin_array);
        skip_value(tokenizer, token);
    }
    return has_tables && has_version;
}

std::set<std::string> files_of(const Manifest& manifest) {
    std::set<std::string> files;
    for (const ManifestTable& table : manifest.tables) {
        files.insert(table.file);
    }
    return files;
}

bool was_manifest(const std::string& path, bool is_own_file) {
    try {
        FileSource source(path);
        Tokenizer tokenizer(source, path, trusting_options());
        if (tokenizer.next() != Token::begin_object) {
            return false;
        }
        const bool is_there =
            is_own_file || (tokenizer.next() == Token::key && tokenizer.text() == "manifest" &&
                            tokenizer.next() == Token::begin_object);
        return is_there && has_manifest_members(tokenizer);
    } catch (const Error&) {
        return false;  // not JSON, which whoever reads it as documents will say
    }
}

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

bool lists(const std::string& path, const std::string& migration) {
    const auto layout = detect_layout(path);
    if (!layout) {
        return false;
    }
    const Manifest manifest = read_manifest(path, *layout);
    return std::any_of(manifest.migrations.begin(), manifest.migrations.end(),
                       [&](const auto& one) { return one.id == migration; });
}

FileContents read_contents(const std::string& path) {
    return ContentsReader(path).read();
}

std::vector<std::string> unnamed_in(const FileContents& contents, const Manifest& manifest) {
    const std::set<std::string> named = files_of(manifest);
    std::vector<std::string> unnamed;
    for (const TableSection& section : contents.tables) {
        if (!named.contains(section.member)) {
            unnamed.push_back("tables." + section.member);
        }
    }
    for (const OtherMember& other : contents.others) {
        unnamed.push_back(other.name);
    }
    return unnamed;
}

std::vector<std::string> unnamed_in(const std::string& path, Layout layout, const Manifest& manifest) {
    if (layout == Layout::file) {
        return unnamed_in(read_contents(path), manifest);
    }
    std::set<std::string> named = files_of(manifest);
    named.emplace(k_manifest_file);
    std::vector<std::string> unnamed;
    for (const std::string& name : io::list_directory(path)) {
        if (!named.contains(name)) {
            const std::string full = io::join(path, name);
            const bool is_directory =
                !io::is_symbolic_link(full) && io::kind_of(full) == io::PathKind::directory;
            unnamed.push_back(name + (is_directory ? "/" : ""));
        }
    }
    return unnamed;
}

void refuse_broken_manifest(const std::string& path) {
    const bool is_directory = io::kind_of(path) == io::PathKind::directory;
    const std::string file = is_directory ? io::join(path, std::string(k_manifest_file)) : path;
    if (io::kind_of(file) != io::PathKind::file || !was_manifest(file, is_directory)) {
        return;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::malformed;
    facts.backend = "json";
    facts.next_step = "Make \"format\": \"" + std::string(k_manifest_format) +
                      "\" the first member of the manifest again. If the file is a document of another "
                      "program, leave it out of what is read.";
    throw Error(std::move(facts), file +
                                      ": it looks like the manifest of a database that this tool wrote, but "
                                      "does not begin with the member \"format\" that says so");
}

}  // namespace migrate::backends::json
