#pragma once

#include <vector>

namespace tunnel::bench {

/// The smallest value that at least the given share (0 to 1) of the values does not exceed (nearest
/// rank). The values must not be empty.
double percentile(std::vector<double> values, double share);

/// The middle value, or the mean of the two middle ones.
double median(std::vector<double> values);

}  // namespace tunnel::bench
