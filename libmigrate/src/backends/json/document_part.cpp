#include "backends/json/document_part.hpp"

#include <migrate/error.hpp>

#include "backends/json/file_source.hpp"

namespace migrate::backends::json {

namespace {

// What was read may be of any depth and have duplicate keys, if it was so asked.
DocumentOptions any_documents() {
    DocumentOptions options;
    options.max_depth = 1U << 20U;
    options.keep_duplicate_keys = true;
    return options;
}

Token enter(Tokenizer& tokenizer, Token token, const std::string& name, const std::string& path) {
    if (token == Token::begin_object) {
        const std::size_t depth = tokenizer.depth();
        while (tokenizer.next() == Token::key) {
            const bool is_it = tokenizer.text() == name;
            const Token value = tokenizer.next();
            if (is_it) {
                return value;
            }
            while (tokenizer.depth() > depth) {
                tokenizer.next();
            }
        }
    }
    throw Error(ErrorCode::differs, path + " lacks a member that was written into it");
}

}  // namespace

std::vector<std::string> pointer_keys(std::string_view pointer) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        const char c = pointer[i];
        if (c == '/') {
            keys.emplace_back();
        } else if (c == '~' && i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
            keys.back() += pointer[++i] == '0' ? '~' : '/';
        } else {
            keys.back() += c;
        }
    }
    return keys;
}

std::unique_ptr<RecordStream> open_part(const std::string& path, const FilePart& part,
                                        const std::set<std::string>& collections, ReadRoute route) {
    DocumentOptions options = any_documents();
    options.read_again = route == ReadRoute::text;
    RecordSpec spec;
    spec.kind = part.kind;
    spec.path = path;
    spec.label = part.path;
    spec.skipped = collections;
    if (part.kind == RecordKind::lines) {
        return open_records(spec, options);
    }
    FileSource source(path);
    Tokenizer tokenizer(source, path, tokenizer_options(options));
    Token token = tokenizer.next();
    for (const std::string& key : pointer_keys(part.root)) {
        token = enter(tokenizer, token, key, path);
    }
    if (part.member) {
        token = enter(tokenizer, token, *part.member, path);
    }
    const bool fits = part.kind == RecordKind::elements  ? token == Token::begin_array
                      : part.kind == RecordKind::members ? token == Token::begin_object
                                                         : true;
    if (!fits) {
        throw Error(ErrorCode::differs, path + " has another form than was written");
    }
    spec.begin = tokenizer.token_begin();
    spec.line = tokenizer.position().line;
    return open_records(spec, options);
}

}  // namespace migrate::backends::json
