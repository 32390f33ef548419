#pragma once

#include <algorithm>
#include <cstddef>

#include "base/octets.hpp"

namespace tunnel::udp {

/// Cuts a stream into frames. `FrameSize` says from a frame's beginning how long it is in all; 0: the
/// beginning is too short to tell.
///
/// A frame that comes in one piece is seen where it lies; others are put together in memory that is kept.
template <std::size_t (*FrameSize)(octet_view beginning)>
class frame_splitter {
 public:
  /// Calls `take` with each frame that is complete, up to one for which it says false.
  template <class Take>
  void feed(octet_view data, Take&& take) {
    while (!partial_.empty()) {
      const auto wanted = FrameSize(partial_);
      // Octet by octet until it tells its length, which is within its first few.
      const auto missing = wanted == 0 ? 1 : wanted - partial_.size();
      if (missing == 0) {
        const bool more = take(octet_view(partial_));
        partial_.clear();
        if (!more) return;
        break;
      }
      if (data.empty()) return;
      const auto part = data.first(std::min(missing, data.size()));
      partial_.insert(partial_.end(), part.begin(), part.end());
      data = data.subspan(part.size());
    }
    for (;;) {
      const auto wanted = FrameSize(data);
      if (wanted == 0 || wanted > data.size()) break;
      if (!take(data.first(wanted))) return;
      data = data.subspan(wanted);
    }
    partial_.assign(data.begin(), data.end());
  }

 private:
  octets partial_;
};

}  // namespace tunnel::udp
