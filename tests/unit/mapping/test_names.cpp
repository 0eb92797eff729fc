#include <string>

#include <catch2/catch.hpp>

#include "mapping/names.hpp"

namespace {

using namespace migrate;

Table table(const std::string& schema, const std::string& name, const std::vector<std::string>& columns) {
    Table out;
    out.name = {schema, name};
    for (const std::string& column : columns) {
        out.columns.emplace_back().name = column;
    }
    return out;
}

mapping::NameRules rules(NamePolicy policy) {
    mapping::NameRules rules;
    rules.policy = policy;
    rules.engine = "postgresql";
    rules.schemas = true;
    return rules;
}

}  // namespace

TEST_CASE("names: the policy preserve changes nothing", "[mapping][names]") {
    Schema schema;
    schema.engine = "sqlite";
    schema.tables.push_back(table("", "Album Title", {"AlbumId", "q\"uote"}));
    const auto named = mapping::name_for_target(schema, rules(NamePolicy::preserve));
    CHECK(named.schema.tables[0].name == QualifiedName{"", "Album Title"});
    CHECK(named.schema.tables[0].columns[1].name == "q\"uote");
    CHECK(named.findings.empty());
}

TEST_CASE("names: snake case reaches keys, references, indexes and expressions", "[mapping][names]") {
    Schema schema;
    schema.engine = "sqlite";
    schema.tables.push_back(table("", "Album", {"AlbumId", "ArtistId", "upper"}));
    schema.tables.push_back(table("", "Artist", {"ArtistId"}));
    Table& album = schema.tables[0];
    album.primary_key = Key{"", {"AlbumId"}, {}, false, false, "", ""};
    ForeignKey key;
    key.columns = {"ArtistId"};
    key.referenced_table = {"", "Artist"};
    key.referenced_columns = {"ArtistId"};
    album.foreign_keys.push_back(key);
    album.checks.push_back({"c", "albumid > 0 AND 'AlbumId' <> upper(\"AlbumId\")", true, false});
    const auto named = mapping::name_for_target(schema, rules(NamePolicy::snake));
    const Table& out = named.schema.tables[0];
    CHECK(out.name.name == "album");
    CHECK(out.columns[0].name == "album_id");
    CHECK(out.primary_key->columns == std::vector<std::string>{"album_id"});
    CHECK(out.foreign_keys[0].columns == std::vector<std::string>{"artist_id"});
    CHECK(out.foreign_keys[0].referenced_table.name == "artist");
    CHECK(out.foreign_keys[0].referenced_columns == std::vector<std::string>{"artist_id"});
    CHECK(out.checks[0].expression == "\"album_id\" > 0 AND 'AlbumId' <> upper(\"album_id\")");
}

TEST_CASE("names: a schema becomes a prefix where the target has none, the default one does not",
          "[mapping][names]") {
    Schema schema;
    schema.engine = "postgresql";
    schema.tables.push_back(table("public", "users", {"id"}));
    schema.tables.push_back(table("sales", "users", {"id"}));
    mapping::NameRules flat = rules(NamePolicy::preserve);
    flat.engine = "sqlite";
    flat.schemas = false;
    const auto named = mapping::name_for_target(schema, flat);
    CHECK(named.schema.tables[0].name == QualifiedName{"", "users"});
    CHECK(named.schema.tables[1].name == QualifiedName{"", "sales_users"});
}

TEST_CASE("names: names that the target holds for equal are told apart, and said", "[mapping][names]") {
    Schema schema;
    schema.engine = "postgresql";
    schema.tables.push_back(table("public", "Users", {"Id", "id", "ID"}));
    schema.tables.push_back(table("public", "users", {"id"}));
    mapping::NameRules flat = rules(NamePolicy::preserve);
    flat.engine = "sqlite";
    flat.schemas = false;
    flat.fold_case = true;
    const auto named = mapping::name_for_target(schema, flat);
    CHECK(named.schema.tables[1].name.name == "users_2");
    CHECK(named.schema.tables[0].columns[1].name == "id_2");
    CHECK(named.schema.tables[0].columns[2].name == "ID_3");
    CHECK(named.findings.size() == 3);
}

TEST_CASE("names: names over the target's limit are cut with a hash, stay apart and are told",
          "[mapping][names]") {
    const std::string long_name(80, 'x');
    Schema schema;
    schema.engine = "json";
    schema.tables.push_back(table("", long_name + "a", {long_name + "ä", long_name + "ö", "id"}));
    schema.tables.push_back(table("", long_name + "b", {"id"}));
    mapping::NameRules bounded = rules(NamePolicy::preserve);
    bounded.max_bytes = 63;
    const auto named = mapping::name_for_target(schema, bounded);
    const Table& first = named.schema.tables[0];
    CHECK(first.name.name.size() == 63);
    CHECK(first.name.name != named.schema.tables[1].name.name);
    CHECK(first.columns[0].name != first.columns[1].name);
    CHECK(first.columns[2].name == "id");
    CHECK(named.findings.size() == 4);
    CHECK(mapping::name_for_target(schema, bounded).schema.tables[0].name == first.name);
}
