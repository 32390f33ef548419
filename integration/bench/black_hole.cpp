#include "black_hole.hpp"

#include <poll.h>

#include <stdexcept>

namespace tunnel::bench {
namespace {

bool connects_at_once(const descriptor& socket) {
  pollfd wait{socket.get(), POLLOUT, 0};
  return poll(&wait, 1, 100) > 0;
}

}  // namespace

black_hole::black_hole() : listener_(listen_on_loopback(0)) {
  // Linux holds one connection more than the backlog says; how many exactly is its own affair.
  constexpr std::size_t enough = 16;
  do {
    if (waiting_.size() == enough) throw std::runtime_error("could not make a port that never answers");
    waiting_.push_back(connect_to_loopback(listener_.port));
  } while (connects_at_once(waiting_.back()));
}

}  // namespace tunnel::bench
