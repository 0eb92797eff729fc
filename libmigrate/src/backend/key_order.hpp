#pragma once

#include <vector>

#include <migrate/schema.hpp>

namespace migrate::backend {

/// Tables in an order in which their rows can be inserted: each after those that its foreign keys name. Where
/// keys form a ring, no order meets all of them: the ring comes as a whole after what it needs and before
/// what needs it, and within it only keys that cannot be deferred are looked at. Otherwise the order given is
/// kept.
std::vector<const Table*> in_key_order(std::vector<const Table*> tables);

}  // namespace migrate::backend
