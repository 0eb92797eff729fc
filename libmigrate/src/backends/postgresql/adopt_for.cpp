// What an endpoint's database makes of a schema: what its server has is asked first.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/source.hpp"

namespace migrate::backends::postgresql {
namespace {

/// Schemas that are there, and that the source's engine or a record says something of.
std::set<std::string> described_schemas(const Schema& source, const ServerFacts& facts) {
    const Schema* record = source.engine == "postgresql" ? &source : source.origin_on("postgresql");
    std::set<std::string> schemas;
    for (const SchemaObject& object : record == nullptr ? std::vector<SchemaObject>() : record->objects) {
        const auto kind = object.properties.find(property::k_about_kind);
        const auto about = object.properties.find(property::k_about);
        if (kind != object.properties.end() && kind->second == "schema" && about != object.properties.end() &&
            facts.schemas.contains(about->second)) {
            schemas.insert(about->second);
        }
    }
    return schemas;
}

}  // namespace

backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options, const Endpoint& endpoint,
                        session::PostgresqlSession& session) {
    const auto schemas = schema_option(endpoint);
    std::string schema = options.default_schema;
    if (schema.empty()) {
        schema = schemas.empty() ? "public" : schemas.front();
    }
    ServerFacts facts = read_server_facts(session);
    if (const auto described = described_schemas(source, facts); !described.empty()) {
        facts.said_of_schemas = read_said_of_schemas(session, described);
    }
    return Adopter(source, options, schema, std::move(facts)).adopt();
}

}  // namespace migrate::backends::postgresql
