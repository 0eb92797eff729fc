#pragma once

#include <migrate/error.hpp>

namespace migrate::backend {

/// Another run has taken the migration over, or ended it: what is staged and what is shown are that run's.
class TakenOverError : public Error {
  public:
    using Error::Error;
};

}  // namespace migrate::backend
