#include "backend/kept_code.hpp"

namespace migrate::backend {

bool can_be_kept(const SchemaObject& object) {
    return !object.native_sql.empty() && object.reason.empty();
}

bool is_kept(const SchemaObject& object) {
    return object.properties.contains(k_kept);
}

bool keeps_code(const Schema& schema) {
    return schema.properties.contains(k_keeps_code);
}

std::vector<KeptObject> kept_of_others(const Schema& schema, const std::string& engine) {
    std::vector<KeptObject> kept;
    for (const auto& origin : schema.origins) {
        if (origin->engine == engine) {
            continue;
        }
        for (const SchemaObject& object : origin->objects) {
            if (is_kept(object)) {
                kept.push_back({&object, origin->engine});
            }
        }
    }
    return kept;
}

void forget_kept(Schema& schema) {
    for (SchemaObject& object : schema.objects) {
        object.properties.erase(k_kept);
    }
}

}  // namespace migrate::backend
