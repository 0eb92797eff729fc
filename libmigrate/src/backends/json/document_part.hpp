#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>

#include "backends/json/object_shape.hpp"
#include "backends/json/record_stream.hpp"

namespace migrate::backends::json {

/// The keys of a JSON pointer, unescaped. Source: RFC 6901, section 4.
std::vector<std::string> pointer_keys(std::string_view pointer);

/// Opens the records of a part of a file whose form is known. `collections`: for the rest of an object, the
/// members that are not of it. Throws: Error{malformed, differs} where the file has no such part.
std::unique_ptr<RecordStream> open_part(const std::string& path, const FilePart& part,
                                        const std::set<std::string>& collections,
                                        ReadRoute route = ReadRoute::native);

}  // namespace migrate::backends::json
