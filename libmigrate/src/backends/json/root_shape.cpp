#include "backends/json/root_shape.hpp"

#include <array>
#include <unordered_set>

#include <migrate/error.hpp>

#include "backends/json/file_source.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_least_keyed = 8;
constexpr std::size_t k_most_shared_keys = 1000;

/// How far the objects of a collection have their keys in common.
class SharedKeys {
  public:
    void add_key(std::string_view key) {
        ++m_occurrences;
        if (m_keys.size() <= k_most_shared_keys) {
            m_keys.emplace(key);
        }
    }
    void add_object() { ++m_objects; }
    // An object of this many members of which each occurs in four of five objects, on average.
    bool are_shared() const {
        return m_objects >= k_least_keyed && !m_keys.empty() && m_keys.size() <= k_most_shared_keys &&
               m_occurrences * 5 >= m_objects * m_keys.size() * 4;
    }

  private:
    std::unordered_set<std::string> m_keys;
    std::size_t m_occurrences = 0;
    std::size_t m_objects = 0;
};

bool begins_with_byte_order_mark(const std::string& path) {
    FileSource source(path);
    std::array<char, 3> start{};
    return source.read(start.data(), start.size()) == start.size() &&
           std::string_view(start.data(), start.size()) == "\xEF\xBB\xBF";
}

class RootScanner {
  public:
    RootScanner(const InputFile& file, const DocumentOptions& options)
        : m_file(file),
          m_options(options),
          m_source(file.path),
          m_tokenizer(m_source, file.path, tokenizer_options(options)) {}

    std::vector<FileCollection> scan(bool is_one_document) {
        const Token first = find_root(m_tokenizer.next());
        RecordSpec root = spec_here(RecordKind::whole);
        root.count = 1;
        std::vector<FileCollection> found;
        if (is_one_document || (first != Token::begin_array && first != Token::begin_object)) {
            const bool is_object = first == Token::begin_object;
            skip(first);
            found = {{std::nullopt, root, is_object}};
        } else if (first == Token::begin_array) {
            found = scan_array(root);
        } else {
            found = scan_object(root);
        }
        while (m_tokenizer.next() != Token::end) {
        }
        for (FileCollection& one : found) {
            one.records.has_byte_order_mark = m_tokenizer.has_byte_order_mark();
        }
        return found;
    }

  private:
    RecordSpec spec_here(RecordKind kind) const {
        RecordSpec spec;
        spec.kind = kind;
        spec.path = m_file.path;
        spec.label = m_file.label;
        spec.begin = m_tokenizer.token_begin();
        spec.line = m_tokenizer.position().line;
        return spec;
    }

    // Passes the value whose first token was taken.
    void skip(Token first) {
        if (first != Token::begin_array && first != Token::begin_object) {
            return;
        }
        const std::size_t outside = m_tokenizer.depth() - 1;
        while (m_tokenizer.depth() > outside) {
            m_tokenizer.next();
        }
    }

    Token find_root(Token token) {
        std::string_view pointer = m_options.root;
        while (!pointer.empty()) {
            const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
            token = enter(token, unescaped(pointer.substr(1, end - 1)));
            pointer.remove_prefix(end);
        }
        return token;
    }

    Token enter(Token token, const std::string& name) {
        if (token == Token::begin_object) {
            while (m_tokenizer.next() == Token::key) {
                const bool is_it = m_tokenizer.text() == name;
                const Token value = m_tokenizer.next();
                if (is_it) {
                    return value;
                }
                skip(value);
            }
        }
        ErrorFacts facts;
        facts.code = ErrorCode::not_found;
        facts.backend = "json";
        facts.next_step = "Check the option root.";
        throw Error(std::move(facts), m_file.path + " has nothing at " + m_options.root);
    }

    // Source: RFC 6901, section 4.
    static std::string unescaped(std::string_view part) {
        std::string out;
        for (std::size_t i = 0; i < part.size(); ++i) {
            const bool is_escape =
                part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1');
            out += !is_escape ? part[i] : part[++i] == '0' ? '~' : '/';
        }
        return out;
    }

    // After a '[': passes the array. The number of its elements if they are all objects, else 0.
    std::uint64_t count_objects() {
        std::uint64_t count = 0;
        bool all = true;
        for (Token token = m_tokenizer.next(); token != Token::end_array; token = m_tokenizer.next()) {
            all = all && token == Token::begin_object;
            ++count;
            skip(token);
        }
        return all ? count : 0;
    }

    std::vector<FileCollection> scan_array(RecordSpec root) {
        if (const std::uint64_t count = count_objects(); count != 0) {
            root.kind = RecordKind::elements;
            root.count = count;
            return {{std::nullopt, root, true}};
        }
        return {{std::nullopt, root, false}};
    }

    std::vector<FileCollection> scan_object(RecordSpec root) {
        std::vector<FileCollection> collections;
        SharedKeys shared;
        std::uint64_t members = 0;
        bool all_objects = true;
        bool has_duplicates = false;
        bool are_names = true;  // the keys can be values of a column
        std::optional<std::string> previous;
        std::string name;
        while (m_tokenizer.next() == Token::key) {
            if (members++ != 0) {
                previous = name;
            }
            has_duplicates = has_duplicates || m_tokenizer.duplicate_key();
            name = m_tokenizer.text();
            are_names = are_names && name.find('\0') == std::string::npos;
            const Token value = m_tokenizer.next();
            all_objects = all_objects && value == Token::begin_object;
            if (value == Token::begin_array) {
                RecordSpec spec = spec_here(RecordKind::elements);
                spec.count = count_objects();
                if (spec.count != 0) {
                    spec.member = name;
                    spec.after = previous;
                    collections.push_back({name, spec, true});
                }
            } else if (value == Token::begin_object && all_objects) {
                look_at_keys(shared);
            } else {
                skip(value);
            }
        }
        if (has_duplicates) {
            return {{std::nullopt, root, false}};
        }
        if (all_objects && are_names && members != 0 && (m_options.keyed || shared.are_shared())) {
            root.kind = RecordKind::members;
            root.count = members;
            return {{std::nullopt, root, true}};
        }
        return with_rest(std::move(collections), root, members);
    }

    void look_at_keys(SharedKeys& shared) {
        shared.add_object();
        while (m_tokenizer.next() == Token::key) {
            shared.add_key(m_tokenizer.text());
            skip(m_tokenizer.next());
        }
    }

    static std::vector<FileCollection> with_rest(std::vector<FileCollection> collections, RecordSpec root,
                                                 std::uint64_t members) {
        if (members == collections.size() && members != 0) {
            return collections;
        }
        if (!collections.empty()) {
            root.kind = RecordKind::rest;
            for (const FileCollection& one : collections) {
                root.skipped.insert(*one.member);
            }
        }
        collections.insert(collections.begin(), {std::nullopt, root, true});
        return collections;
    }

    const InputFile& m_file;
    const DocumentOptions& m_options;
    FileSource m_source;
    Tokenizer m_tokenizer;
};

}  // namespace

std::vector<FileCollection> find_collections(const InputFile& file, bool is_one_document,
                                             const DocumentOptions& options) {
    if (file.is_lines) {
        RecordSpec spec;
        spec.kind = RecordKind::lines;
        spec.path = file.path;
        spec.label = file.label;
        spec.has_byte_order_mark = begins_with_byte_order_mark(file.path);
        return {{std::nullopt, spec, true}};
    }
    return RootScanner(file, options).scan(is_one_document);
}

}  // namespace migrate::backends::json
