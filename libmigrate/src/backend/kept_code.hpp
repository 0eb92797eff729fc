#pragma once

#include <string>
#include <vector>

#include <migrate/schema.hpp>

/// Views, functions, triggers, privileges… that a target without any of its own keeps as text: in the record
/// of where the data came from (provenance), for the way back. Nobody has listed them as left out, so whoever
/// reads them later makes them, or lists them.
namespace migrate::backend {

/// In Schema::properties of a database whose record keeps such definitions, "yes". Persisted; do not change.
inline constexpr const char* k_keeps_code = "keeps_code";

/// In SchemaObject::properties of one that is kept, "yes". Persisted; do not change.
inline constexpr const char* k_kept = "kept";

/// In properties of columns and objects that call functions of the database's own, "yes".
inline constexpr const char* k_calls_code = "calls_code";

/// Its own engine can make it again from what is known of it.
[[nodiscard]] bool can_be_kept(const SchemaObject& object);

[[nodiscard]] bool is_kept(const SchemaObject& object);

[[nodiscard]] bool keeps_code(const Schema& schema);

/// A definition that is kept, and the engine that it is of.
struct KeptObject {
    const SchemaObject* object;
    std::string engine;
};

/// What the records of a schema keep of other engines than `engine`. Valid until: the schema's origins
/// change.
[[nodiscard]] std::vector<KeptObject> kept_of_others(const Schema& schema, const std::string& engine);

/// Takes the marks of what is kept off: it is made, or listed.
void forget_kept(Schema& schema);

}  // namespace migrate::backend
