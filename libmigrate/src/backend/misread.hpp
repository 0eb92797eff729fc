#pragma once

#include <migrate/row_batch.hpp>

namespace migrate::backend {

#ifdef MIGRATE_FAULT_POINTS

/// A fault that a test can have: readers by ReadRoute::native take one whole number for the next, wherever it
/// is, as where the environment says MIGRATE_MISREAD=41 they read 42. What such a reader misreads at the
/// source it misreads when it is read back as well, so that only another way to the values tells. Only where
/// MIGRATE_FAULT_POINTS is defined. Thread-safe.
void misread(RowBatch& batch);

#else

constexpr void misread(RowBatch& /*batch*/) {}

#endif

}  // namespace migrate::backend
