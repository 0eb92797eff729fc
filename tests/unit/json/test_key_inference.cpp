#include <map>

#include <catch2/catch.hpp>

#include "backends/json/document_source.hpp"
#include "backends/json/name_words.hpp"
#include "backends/json/value_hashes.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;

namespace {

using Options = std::map<std::string, std::string>;

/// Documents, read as tables with their keys inferred.
class Inferred {
  public:
    explicit Inferred(const std::string& text, const Options& more = {},
                      const backend::SchemaRequest& request = {}) {
        Options options = more;
        options.emplace("infer-keys", "true");
        DocumentSource source(json_endpoint(m_directory.write("shop.json", text), options), {});
        source.pin_snapshot(1);
        m_reading = source.read_schema(request);
    }

    const Table& table(const std::string& name) const {
        const Table* found = m_reading.schema.find_table({"", name});
        INFO(describe(m_reading.schema));
        REQUIRE(found != nullptr);
        return *found;
    }
    std::string key(const std::string& name) const { return table(name).primary_key->columns.front(); }
    /// "column->table.column", those that only nest left out.
    std::vector<std::string> references(const std::string& name) const {
        std::vector<std::string> out;
        for (const ForeignKey& one : table(name).foreign_keys) {
            if (one.columns.front() != "_parent_id") {
                out.push_back(one.columns.front() + "->" + one.referenced_table.name + "." +
                              one.referenced_columns.front());
            }
        }
        return out;
    }
    /// "code object count: message" of the findings of a code.
    std::vector<std::string> found(const std::string& code) const {
        std::vector<std::string> out;
        for (const Finding& one : m_reading.findings) {
            if (one.code == code) {
                CHECK(one.severity == Severity::note);
                out.push_back(one.object + " (" + std::to_string(one.count) + "): " + one.message);
            }
        }
        return out;
    }

  private:
    TemporaryDirectory m_directory;
    backend::SchemaReading m_reading;
};

using Texts = std::vector<std::string>;

Texts words(const std::string& name) {
    return words_of(name);
}

std::string identifier_of(const std::string& name) {
    Texts parts = words_of(name);
    const std::string identifier = take_identifier_word(parts);
    std::string out;
    for (const std::string& part : parts) {
        out += part + ' ';
    }
    return out + "+ " + identifier;
}

bool same(const std::string& a, const std::string& b) {
    return same_thing(words_of(a), words_of(b));
}

}  // namespace

TEST_CASE("json keys: names are taken apart where case, signs or digits part them", "[json][infer-keys]") {
    CHECK(words("customerId") == Texts{"customer", "id"});
    CHECK(words("customer_id") == Texts{"customer", "id"});
    CHECK(words("Customer-ID") == Texts{"customer", "id"});
    CHECK(words("baseURLPath") == Texts{"base", "url", "path"});
    CHECK(words("customerIDs") == Texts{"customer", "ids"});
    CHECK(words("_id") == Texts{"id"});
    CHECK(words("\xC3\x84pfel") == Texts{"\xC3\x84pfel"});
    CHECK(words("").empty());
    CHECK(identifier_of("tag_ids") == "tag + id");
    CHECK(identifier_of("customerid") == "customer + id");
    CHECK(identifier_of("countryCode") == "country + code");
    CHECK(identifier_of("customer") == "customer + ");
    CHECK(same("customers", "customer"));
    CHECK(same("categories", "category"));
    CHECK(same("warehouses", "warehouse"));
    CHECK(same("boxes", "box"));
    CHECK(same("order_lines", "orderLine"));
    CHECK(same("people", "person"));
    CHECK_FALSE(same("customer", "custom"));
    CHECK_FALSE(same("class", "clas"));
}

TEST_CASE("json keys: nothing is inferred unless asked for", "[json][infer-keys]") {
    const std::string text =
        R"({"customers":[{"customerId":1},{"customerId":2}],"orders":[{"id":1,"customerId":2}]})";
    const Inferred off(text, {{"infer-keys", "false"}});
    CHECK(off.key("customers") == "_id");
    CHECK(off.references("orders").empty());
    CHECK(off.found("key-inferred").empty());
    const Inferred on(text);
    CHECK(on.key("customers") == "customerId");
    CHECK(on.references("orders") == Texts{"customerId->customers.customerId"});
}

TEST_CASE("json keys: the key is the member whose name says so, with the values that support it",
          "[json][infer-keys]") {
    CHECK(Inferred(R"({"people":[{"x":1,"ID":7},{"x":1,"ID":8}]})").key("people") == "ID");
    CHECK(Inferred(R"({"people":[{"person_id":7,"uuid":"a"},{"person_id":8,"uuid":"b"}]})").key("people") ==
          "person_id");
    CHECK(Inferred(R"({"people":[{"id":7,"person_id":1},{"id":8,"person_id":2}]})").key("people") == "id");
    // Missing, null, twice, of no plain type: no key.
    CHECK(Inferred(R"({"people":[{"id":7},{"x":8}]})").key("people") == "_id");
    CHECK(Inferred(R"({"people":[{"person_id":7},{"person_id":null}]})").key("people") == "_id");
    CHECK(Inferred(R"({"people":[{"person_id":7},{"person_id":7}]})").key("people") == "_id");
    CHECK(Inferred(R"({"people":[{"person_id":1.5},{"person_id":2.5}]})").key("people") == "_id");
    CHECK(Inferred(R"({"people":[{"person_id":1},{"person_id":"1"}]})").key("people") == "_id");
    CHECK(Inferred(R"({"people":[{"person_id":1},{"person_id":[2]}]})").key("people") == "_id");
    const Inferred one(R"({"people":[{"person_id":7},{"person_id":8}]})");
    CHECK(one.found("key-inferred") ==
          Texts{"table people (2): \"person_id\" is its primary key: its name says so, and all 2 records "
                "have it, each another value"});
}

TEST_CASE("json keys: without a name only the one member that could be the key is it", "[json][infer-keys]") {
    CHECK(Inferred(R"({"t":[{"isbn":"a","n":1},{"isbn":"b","n":1}]})").key("t") == "isbn");
    const Inferred several(R"({"t":[{"isbn":"a","title":"x"},{"isbn":"b","title":"y"}]})");
    CHECK(several.key("t") == "_id");
    CHECK(several.found("key-inferred").empty());
    CHECK(several.found("key-ambiguous") ==
          Texts{"table t (2): each of \"isbn\", \"title\" could be its primary key (all 2 records have it, "
                "each another value); none was chosen"});
    CHECK(Inferred(R"({"t":[{"isbn":"a","title":"x"},{"isbn":"b","title":"y"}]})", {{"key", "isbn"}})
              .key("t") == "isbn");
    // One record says nothing, and no more does a long text.
    CHECK(Inferred(R"({"t":[{"isbn":"a"}]})").key("t") == "_id");
    const std::string long_text(300, 'x');
    CHECK(Inferred(R"({"t":[{"n":1,"a":")" + long_text + R"("},{"n":1,"a":"y"}]})").key("t") == "_id");
}

TEST_CASE("json keys: a reference is declared where its name says so and all its values are keys",
          "[json][infer-keys]") {
    const std::string customers = R"({"customers":[{"id":1},{"id":2},{"id":3}],"orders":[)";
    const auto of = [&](const std::string& orders) {
        return Inferred(customers + orders + "]}").references("orders");
    };
    CHECK(of(R"({"id":1,"customer_id":2},{"id":2,"customer_id":null},{"id":3})") ==
          Texts{"customer_id->customers.id"});
    CHECK(of(R"({"id":1,"customerId":2})") == Texts{"customerId->customers.id"});
    CHECK(of(R"({"id":1,"customer":2})") == Texts{"customer->customers.id"});
    CHECK(of(R"({"id":1,"customerid":2})") == Texts{"customerid->customers.id"});
    CHECK(of(R"({"id":1,"customer":{"id":2,"note":"x"}})") == Texts{"customer__id->customers.id"});
    CHECK(of(R"({"id":1,"billing_customer_id":2,"shipping_customer_id":3})") ==
          Texts{"billing_customer_id->customers.id", "shipping_customer_id->customers.id"});
    CHECK(of(R"({"id":1,"customer_id":4})").empty());
    CHECK(of(R"({"id":1,"customer_id":"2"})").empty());
    CHECK(of(R"({"id":1,"customer_id":null})").empty());
    CHECK(of(R"({"id":1,"size":2})").empty());
    CHECK(of(R"({"id":1,"order_number":1})").empty());
}

TEST_CASE("json keys: references from arrays, between files and within a table", "[json][infer-keys]") {
    const Inferred tags(R"({"tags":[{"id":"a"},{"id":"b"}],"posts":[{"id":1,"tag_ids":["a","b"]},
                            {"id":2,"tag_ids":["a"]}],"lists":[{"id":1,"posts":[{"id":2},{"id":1}]}]})");
    CHECK(tags.references("posts__tag_ids") == Texts{"value->tags.id"});
    CHECK(tags.references("lists__posts") == Texts{"id->posts.id"});
    const Inferred tree(R"({"categories":[{"id":1,"parent_id":null},{"id":2,"parent_id":1},
                            {"id":3,"parent_id":2}]})");
    CHECK(tree.references("categories") == Texts{"parent_id->categories.id"});
    const Inferred comments(R"({"comments":[{"id":1},{"id":2,"reply_to_comment_id":1}]})");
    CHECK(comments.references("comments") == Texts{"reply_to_comment_id->comments.id"});
    const Inferred keyed(R"({"users":{"ann":{"n":1},"bob":{"n":2}},"posts":[{"id":1,"user":"ann"}]})",
                         {{"keyed", "true"}});
    CHECK(keyed.references("posts").empty());  // no collection: one object
}

TEST_CASE("json keys: a reference to another member than the primary key makes that a unique key",
          "[json][infer-keys]") {
    const Inferred countries(R"({"countries":[{"id":1,"code":"DE"},{"id":2,"code":"FR"}],
                                 "cities":[{"id":1,"country_code":"FR"},{"id":2,"country_code":"FR"}]})");
    CHECK(countries.references("cities") == Texts{"country_code->countries.code"});
    REQUIRE(countries.table("countries").unique_keys.size() == 1);
    CHECK(countries.table("countries").unique_keys.front().columns == Texts{"code"});
    CHECK(countries.found("unique-inferred").size() == 1);
    CHECK(countries.found("reference-inferred") ==
          Texts{"table cities, column country_code (2): it refers to countries.code: its name says so, and "
                "all of its 2 values are there"});
    const Inferred twice(R"({"countries":[{"id":1,"code":"DE"},{"id":2,"code":"DE"}],
                             "cities":[{"id":1,"country_code":"DE"}]})");
    CHECK(twice.references("cities").empty());
    CHECK(twice.table("countries").unique_keys.empty());
}

TEST_CASE("json keys: what is not certain is listed and not chosen", "[json][infer-keys]") {
    const Inferred several(R"({"user":[{"id":1}],"users":[{"id":1}],"posts":[{"id":1,"user_id":1}]})");
    CHECK(several.references("posts").empty());
    CHECK(several.found("reference-ambiguous") ==
          Texts{"table posts, column user_id (1): it could refer to each of user.id, users.id, where all of "
                "its 1 values are; none was chosen"});
    // Values decide between names that fit equally well.
    const Inferred decided(R"({"user":[{"id":1}],"users":[{"id":7}],"posts":[{"id":1,"user_id":7}]})");
    CHECK(decided.references("posts") == Texts{"user_id->users.id"});
    const Inferred missing(R"({"users":[{"id":1}],"posts":[{"id":1,"user_id":1},{"id":2,"user_id":9}]})");
    CHECK(missing.found("reference-not-inferred") ==
          Texts{"table posts, column user_id (2): its name would make it a reference, but 1 of its "
                "different values are not in users.id"});
}

TEST_CASE("json keys: a type that was asked for and makes both sides differ ends a reference",
          "[json][infer-keys]") {
    backend::SchemaRequest request;
    request.hints.push_back({{"", "posts"}, "user_id", TypeKind::text, {}, true});
    const Inferred asked(R"({"users":[{"id":1}],"posts":[{"id":1,"user_id":1}]})", {}, request);
    CHECK(asked.references("posts").empty());
    CHECK(asked.found("reference-not-inferred").size() == 1);
}

TEST_CASE("json keys: hashes tell what differs and what is missing, in memory and from files",
          "[json][infer-keys]") {
    for (const std::size_t run : {std::size_t{1} << 20U, std::size_t{4}, std::size_t{7}}) {
        CAPTURE(run);
        ValueHashes unique(ValueHashes::Use::uniqueness, run, 3);
        ValueHashes all(ValueHashes::Use::membership, run, run);
        ValueHashes some(ValueHashes::Use::membership, run, 3);
        for (int i = 0; i < 1000; ++i) {
            unique.add(std::to_string(i));
            all.add(std::to_string(i % 500));
            some.add(std::to_string(i % 100 * 5));
        }
        CHECK(unique.all_differ());
        CHECK_FALSE(all.all_differ());
        CHECK(all.count() == 1000);
        CHECK(all.count_missing(some) == 0);
        CHECK(some.count_missing(all) == 400);
        ValueHashes again(ValueHashes::Use::uniqueness, run, 3);
        for (const int i : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1}) {
            again.add(std::to_string(i));
        }
        CHECK_FALSE(again.all_differ());
    }
}
