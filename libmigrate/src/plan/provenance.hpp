#pragma once

#include <memory>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backend/source.hpp"
#include "mapping/schema_mapping.hpp"

/// Provenance is the record that a migration leaves in its target: the schema as it was written there, and
/// every schema that the data came from, so that the way back can restore what the engine in between cannot
/// say.
namespace migrate::plan {

/// One table's former life.
struct FormerTable {
    std::int64_t table = -1;            ///< Index into the origin's tables; −1 = it was not there.
    std::vector<std::int64_t> columns;  ///< For each column here its index there, or −1.
    bool reshaped = false;              ///< See TableOrigin.
};

struct Origin {
    std::shared_ptr<const Schema> schema;
    std::vector<FormerTable> tables;  ///< One per table of Provenance::written.
};

/// What was recorded in a database that is now a source.
struct Provenance {
    std::int64_t version = 1;
    std::string migration;
    std::string tool_version;
    Schema written;               ///< The tables as they were made here.
    std::vector<Origin> origins;  ///< Where they came from; newest last, one per engine.
};

/// The record for a migration of `source` (with its own origins, as the mapping has it) into `target`: the
/// same tables and columns in the same order. JSON text.
std::string make_provenance(const std::string& migration, const mapping::MappedSchema& source,
                            const Schema& target);

/// Throws: Error{malformed} for text that is no provenance, Error{unsupported} for a later version's.
Provenance parse_provenance(const std::string& json);

/// How the columns of the database were written: tried first when it is read, and dropped where the values no
/// longer agree.
std::vector<backend::ColumnHint> hints_of(const Provenance& provenance);

/// Gives each table of a schema just read what it was where it came from. Tables and columns are matched by
/// the names they were written under; what an application has added since has no origin.
void attach_origins(const Provenance& provenance, Schema& schema);

}  // namespace migrate::plan
