#pragma once

namespace migrate::model {

/// LogicalType::scale of a decimal without precision whose column keeps no zeros at the end of a fraction, as
/// SQLite's numeric affinity does not: 5.00 is written, and read back, as 5.
inline constexpr int k_shortest_scale = -2;

}  // namespace migrate::model
