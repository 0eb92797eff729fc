#include "conformance/engine.hpp"

#include "backend/registry.hpp"

namespace migrate::test {

std::vector<std::string> engines() {
    std::vector<std::string> names;
    for (const auto& registered : backend::builtin_backends()) {
        names.emplace_back(registered.backend->name());
    }
    return names;
}

std::unique_ptr<Place> Place::make(const std::string& engine) {
    auto place = std::make_unique<Place>();
    if (engine == "postgresql") {
        place->m_database = make_pg_database();
        if (!place->m_database) {
            return nullptr;
        }
        place->m_endpoint = parse_endpoint("pg:" + place->m_database->conninfo(), true);
        return place;
    }
    place->m_directory = std::make_unique<TemporaryDirectory>();
    const std::string name = engine == "json" ? "place/" : "place.db";
    place->m_endpoint = parse_endpoint(engine + ":" + place->m_directory->path(name), true);
    return place;
}

const backend::Backend& Place::backend() const {
    return backend::backend_named(m_endpoint.engine);
}

}  // namespace migrate::test
