#include "backends/json/syntax_error.hpp"

#include <migrate/error.hpp>

namespace migrate::backends::json {

void throw_syntax_error(const std::string& file, Position where, const std::string& what) {
    ErrorFacts facts;
    facts.code = ErrorCode::malformed;
    facts.backend = "json";
    facts.next_step = "Mend the file there, or leave it out.";
    throw Error(std::move(facts), file + ", line " + std::to_string(where.line) + ", byte " +
                                      std::to_string(where.byte) + " of the file: " + what);
}

}  // namespace migrate::backends::json
