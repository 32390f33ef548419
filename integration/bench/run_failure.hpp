#pragma once

#include <stdexcept>

namespace tunnel::bench {

/// A run that did not do its work: octets wrong, a flow refused or cut off, or too late. Thrown from
/// wherever it shows, so that everything that the run started goes with it; the runner catches, counts
/// and reports it.
class run_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace tunnel::bench
