#include "aio/local_end.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "base/descriptor.hpp"

namespace tunnel::aio {

namespace {

// Of a datagram socket, both are only looked up.
template <typename Call>
int error_of(Call call, const asio::ip::address& address, std::uint16_t port) {
  const asio::ip::udp::endpoint place(address, port);
  const descriptor socket(::socket(place.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return 0;
  return call(socket.get(), place.data(), static_cast<socklen_t>(place.size())) == 0 ? 0 : errno;
}

}  // namespace

local_end look_at_local_end(const tcp::endpoint& local, const tcp::endpoint& remote) {
  if (error_of(::connect, remote.address(), remote.port()) != 0) return local_end::without_route;
  const bool gone = error_of(::bind, local.address(), 0) == EADDRNOTAVAIL;
  return gone ? local_end::without_address : local_end::in_place;
}

}  // namespace tunnel::aio
