#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/endpoint.hpp>

namespace migrate::backends::json {

/// How documents that this tool did not write are read. From the endpoint's options, whose names are given.
struct DocumentOptions {
    /// format=json|ndjson: for all files. Empty (default): by their names, .ndjson and .jsonl being lines.
    std::string format;
    /// layout=documents: all files of a directory are documents of one table, with a column _file.
    bool one_table = false;
    /// nested=json: objects and arrays in a record become one Json column each, instead of columns and child
    /// tables.
    bool nested_as_json = false;
    /// keyed=true: an object of objects is a table whatever its size, each member a row.
    bool keyed = false;
    /// root=/a/b: a JSON pointer to the part of each file that holds the records. Empty: the whole file.
    std::string root;
    /// key=NAME: the column to be the primary key, before `id` and `_id`.
    std::string key;
    /// max-nesting: levels of objects and arrays that become columns and tables; deeper ones become Json.
    std::size_t max_nesting = 8;
    /// max-columns: of one table; beyond it keys become rows, or the widest objects Json.
    std::size_t max_columns = 400;
    /// max-depth: objects and arrays that may be open at once in a file.
    std::size_t max_depth = 256;
    /// duplicate-keys=keep: an object with two members of one name is kept as JSON text instead of refused.
    bool keep_duplicate_keys = false;
    /// infer-keys=true: members are primary keys and references between tables where their names and all of
    /// their values say so.
    bool infer_keys = false;
    /// No option of an endpoint: TokenizerOptions::read_again.
    bool read_again = false;
};

/// All options of a JSON endpoint, those of a target among them.
std::vector<std::string_view> document_option_names();

/// What max-nesting says, or does not. Throws: Error{usage}.
std::size_t most_nesting(const Endpoint& endpoint);

/// Throws: Error{usage} for an option that is not known or has no such value.
DocumentOptions parse_document_options(const Endpoint& endpoint);

}  // namespace migrate::backends::json
