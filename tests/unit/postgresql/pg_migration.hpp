#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "support/pg.hpp"

namespace migrate::backends::postgresql {
const backend::Backend& backend();
}

namespace migrate::test {

Endpoint pg_endpoint(const PgDatabase& database, const std::string& schema = {});

/// A role that is no superuser and may create things in `public` of both databases. It stays in the cluster.
std::string make_pg_role(const PgDatabase& from, const PgDatabase& to);

/// The backend's own parts, put together as the engine does: everything of one database copied to another.
struct PgCopy {
    std::vector<Finding> findings;
    std::vector<backend::RemovedRows> removed;
    backend::Adoption adoption;
    std::unique_ptr<backend::Source> source;
    std::unique_ptr<backend::Target> target;
    backend::TargetPlan plan;
    Schema schema;

    PgCopy(const PgDatabase& from, const PgDatabase& to, const backend::AdoptOptions& options = {});
    void begin();
    void load();
    void build();
    /// Digests of the source's and of the staged rows, table by table.
    std::vector<std::pair<Digest, Digest>> digests();
    void cutover();
    void run() {
        begin();
        load();
        build();
        cutover();
    }
};

}  // namespace migrate::test
