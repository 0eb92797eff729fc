#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::backends::json {

/// The words of a name, in lower case: "customerId", "customer_id", "Customer-ID" are customer and id. What
/// is not ASCII stays as it is.
std::vector<std::string> words_of(std::string_view name);

/// Whether words name the same thing, in an English plural or not, parted or not: "order_lines", "orderline".
bool same_thing(std::span<const std::string> a, std::span<const std::string> b);

/// Takes a word off the end that says that a name is an identifier's ("id", "key", "code"…, also in the
/// plural), and gives it in the singular; empty where there is none. "customerid" has one, too.
std::string take_identifier_word(std::vector<std::string>& words);

/// Whether an identifier's word says nothing else ("id", "uuid"), so that alone it is a name of a key.
bool is_plain_identifier(std::string_view word);

/// The words of a table's name; of one that is named by a path ("shop__orders") those of its last part.
std::vector<std::string> table_words(std::string_view table);

}  // namespace migrate::backends::json
