#pragma once

#include <memory>

#include "backend/scratch.hpp"

namespace migrate::rehearsal {

/// For engines whose databases are files: a directory below $TMPDIR, and in it the name that `like` has.
std::unique_ptr<backend::Scratch> make_scratch_directory(const Endpoint& like);

}  // namespace migrate::rehearsal
