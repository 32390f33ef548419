#include "pool/backoff.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::pool {

backoff::backoff(std::function<double()> jitter) : jitter_(std::move(jitter)) {}

backoff::duration backoff::next() {
  const auto pause = std::exchange(pause_, std::min(pause_ * 2, longest));
  const double kept = 1.0 - jitter_() / 4.0;
  return duration(static_cast<duration::rep>(static_cast<double>(pause.count()) * kept));
}

}  // namespace tunnel::pool
