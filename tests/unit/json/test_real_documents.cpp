#include <algorithm>
#include <filesystem>
#include <map>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/document_source.hpp"
#include "backends/json/file_source.hpp"
#include "model/value_text.hpp"
#include "support/shared_data.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;

namespace {

/// Every scalar but null, as it is spelled (strings without escapes), and how often.
using Scalars = std::map<std::string, std::int64_t>;

Scalars& add(Scalars& into, const Scalars& from, std::int64_t sign) {
    for (const auto& [text, count] : from) {
        into[text] += sign * count;
    }
    return into;
}

Scalars scalars_of(ByteSource& source, const std::string& name) {
    TokenizerOptions options;
    options.sequence = true;
    options.max_depth = 1000;
    options.refuse_duplicate_keys = false;
    Tokenizer tokenizer(source, name, options);
    Scalars found;
    for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
        if (token == Token::string) {
            ++found["\"" + std::string(tokenizer.text())];
        } else if (token == Token::number || token == Token::true_literal || token == Token::false_literal) {
            ++found[std::string(tokenizer.text())];
        }
    }
    return found;
}

void add_cell(const ColumnVector& column, std::size_t row, const Column& declared, Scalars& found) {
    if (column.is_null(row)) {
        return;
    }
    if (column.kind() == TypeKind::json) {
        ViewSource text(column.bytes(row));
        add(found, scalars_of(text, "cell"), 1);
        return;
    }
    std::string text;
    if (column.kind() == TypeKind::timestamp || column.kind() == TypeKind::timestamp_tz) {
        const bool utc = column.kind() == TypeKind::timestamp_tz;
        model::append_timestamp(column.fixed(row), declared.format[4], utc, text, declared.format[5] - '0');
    } else {
        model::append_text(column, row, declared.type, text);
    }
    if (declared.format == "upper") {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    }
    const bool bare = column.kind() == TypeKind::int64 || column.kind() == TypeKind::float64 ||
                      column.kind() == TypeKind::decimal || column.kind() == TypeKind::boolean;
    ++found[bare ? text : "\"" + text];
}

/// Every scalar of every table, but for what the tables have beside the documents' own members.
Scalars scalars_in_tables(DocumentSource& source) {
    Scalars found;
    const Schema schema = source.read_schema({}).schema;
    for (const Table& table : schema.tables) {
        for (const Chunk& chunk : source.chunks(table, {})) {
            ScanSpec spec;
            spec.table = &table;
            spec.chunk = chunk;
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                const std::string& name = table.columns[i].name;
                const bool is_own = table.columns[i].properties.contains("json_path") || name == "value" ||
                                    name == "document";
                if (is_own) {
                    spec.columns.push_back(i);
                }
            }
            const auto reader = source.open_reader(spec);
            RowBatch batch;
            while (reader->next(batch)) {
                for (std::size_t c = 0; c < spec.columns.size(); ++c) {
                    for (std::size_t row = 0; row < batch.row_count(); ++row) {
                        add_cell(batch.columns[c], row, table.columns[spec.columns[c]], found);
                    }
                }
            }
            CHECK(batch.rejects.empty());
        }
    }
    return found;
}

/// What is in the files and not in the tables, and the other way about.
Scalars difference(const std::string& path, std::map<std::string, std::string> options) {
    Scalars all;
    const auto add_file = [&](const std::string& file) {
        FileSource source(file);
        add(all, scalars_of(source, file), 1);
    };
    if (std::filesystem::is_directory(path)) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
            if (entry.is_regular_file() && is_json_name(entry.path().filename().string())) {
                add_file(entry.path().string());
            }
        }
    } else {
        add_file(path);
    }
    DocumentSource source(migrate::test::json_endpoint(path, std::move(options)), {});
    source.pin_snapshot(1);
    add(all, scalars_in_tables(source), -1);
    std::erase_if(all, [](const auto& one) { return one.second == 0; });
    return all;
}

}  // namespace

TEST_CASE("json documents: every scalar of the real documents is in a table",
          "[json][documents][shared-data]") {
    const auto root = migrate::test::shared_data("json");
    if (!root) {
        return;
    }
    int items = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*root)) {
        const std::string path = entry.path().string();
        const std::string name = entry.path().filename().string();
        const bool is_suite = path.find("/JSONTestSuite/") != std::string::npos;
        if (!entry.is_regular_file() || !is_json_name(name) || path.find("/pokeapi/") != std::string::npos ||
            (is_suite && name[0] != 'y')) {
            continue;
        }
        for (const char* nested : {"normalize", "json"}) {
            INFO(path << " nested=" << nested);
            try {
                const Scalars different =
                    difference(path, {{"nested", nested}, {"duplicate-keys", "keep"}, {"max-depth", "1000"}});
                CHECK(different == Scalars{});
                ++items;
            } catch (const Error& error) {
                // Several values in a file that is named .json, or nothing but white space.
                INFO(error.what());
                CHECK(error.code() == ErrorCode::malformed);
                CHECK(path.find("/duckdb/") != std::string::npos);
            }
        }
    }
    CHECK(items > 2 * 120);
}

TEST_CASE("json documents: every scalar of a real directory is in a table",
          "[json][documents][directory][shared-data]") {
    const auto root = migrate::test::shared_data("json/pokeapi");
    if (!root) {
        return;
    }
    for (const auto& [path, options] : std::map<std::string, std::map<std::string, std::string>>{
             {*root, {}}, {*root + "/type", {}}, {*root + "/stat", {{"layout", "documents"}}}}) {
        INFO(path);
        CHECK(difference(path, options) == Scalars{});
    }
}
