#pragma once

#include <string>

#include <migrate/mapping_spec.hpp>

namespace migrate::cli {

/// Reads the text of a mapping file (libmigrate/doc/mapping.md). `name` is what messages call the file.
/// Throws: Error{usage} naming file, line and column, for anything but what the format has.
MappingSpec parse_mapping(const std::string& text, const std::string& name);

/// Throws: as above, and Error for a file that cannot be read.
MappingSpec read_mapping(const std::string& path);

}  // namespace migrate::cli
