#pragma once

#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backend/source.hpp"

namespace migrate::backend {

struct AdoptOptions {
    std::string default_schema;  ///< Where tables without a schema go; empty = the endpoint's own.
    bool with_code = false;      ///< Recreate views, triggers, functions of the same engine; JSON keeps them.
    /// With it: the code is the target's own, which runs there anyway, so that a superuser may make that of
    /// superusers, too.
    bool own_code = false;
    std::vector<std::string>
        skip_kinds;  ///< Object kinds the user excluded ("view", "trigger"…): severity excluded.
    std::vector<ColumnHint> overrides;  ///< The user's wishes for target columns.
};

/// A source schema said in the target's terms.
struct Adoption {
    /// tables[i].columns[j] is what source.tables[i].columns[j] becomes, always the same shape. A target
    /// column with `generated` is not copied. native_type and format are the target's; `type` is what the
    /// writer is given.
    Schema schema;
    std::vector<Finding> findings;  ///< Left out, changed, or worth knowing; by name.
};

/// One that can say another schema in the terms of its own database: every Target, and a Source whose
/// database has a schema of its own (documents have none).
class SchemaAdopter {
  public:
    virtual ~SchemaAdopter() = default;

    /// What a migration of `source` into the database would make there. Pure but for what it must ask of the
    /// server (versions, types that exist). Writes nothing.
    virtual Adoption adopt(const Schema& source, const AdoptOptions& options) = 0;
};

}  // namespace migrate::backend
