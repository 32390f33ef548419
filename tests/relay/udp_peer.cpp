#include "udp_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace tunnel::relay::testing {
namespace {

constexpr int patience_in_milliseconds = 20'000;

std::uint16_t port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
}

}  // namespace

std::uint16_t udp_peer::datagram::port() const {
  return port_of(from);
}

udp_peer::udp_peer(int family, std::uint16_t port, socks::ipv4 host)
    : socket_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)), family_(family) {
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(family);
  socklen_t size = sizeof(sockaddr_in);
  if (family == AF_INET) {
    auto& four = reinterpret_cast<sockaddr_in&>(address);
    std::memcpy(&four.sin_addr, host.data(), host.size());
    four.sin_port = htons(port);
  } else {
    auto& six = reinterpret_cast<sockaddr_in6&>(address);
    six.sin6_addr = in6addr_loopback;
    six.sin6_port = htons(port);
    size = sizeof six;
  }
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0)
    throw std::runtime_error("cannot bind a UDP socket");
  socklen_t room = sizeof address;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &room);
  port_ = port_of(address);
}

udp_peer::~udp_peer() {
  ::close(socket_);
}

socks::address udp_peer::address() const {
  if (family_ == AF_INET) return {loopback4, port_};
  return {loopback6, port_};
}

udp_peer::datagram udp_peer::receive() const {
  pollfd wanted{socket_, POLLIN, 0};
  if (::poll(&wanted, 1, patience_in_milliseconds) <= 0) throw std::runtime_error("no datagram came in time");
  return *poll();
}

std::optional<udp_peer::datagram> udp_peer::poll() const {
  datagram got{octets(65536), {}, sizeof(sockaddr_storage)};
  const auto count = ::recvfrom(socket_, got.payload.data(), got.payload.size(), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(&got.from), &got.from_size);
  if (count < 0) return std::nullopt;
  got.payload.resize(static_cast<std::size_t>(count));
  return got;
}

void udp_peer::reply(const datagram& to, octet_view payload) const {
  ::sendto(socket_, payload.data(), payload.size(), 0, reinterpret_cast<const sockaddr*>(&to.from),
           to.from_size);
}

udp_peer::datagram udp_peer::echo() const {
  auto got = receive();
  reply(got, got.payload);
  return got;
}

}  // namespace tunnel::relay::testing
