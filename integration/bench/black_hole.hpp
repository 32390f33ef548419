#pragma once

#include <cstdint>
#include <vector>

#include "sockets.hpp"

namespace tunnel::bench {

/// A port of 127.0.0.1 where connecting neither succeeds nor fails: its queue of waiting connections
/// is full and is never emptied, so the kernel ignores further attempts for as long as this lives.
class black_hole {
 public:
  black_hole();
  [[nodiscard]] std::uint16_t port() const { return listener_.port; }

 private:
  listener listener_;
  std::vector<descriptor> waiting_;
};

}  // namespace tunnel::bench
