#include "relay/association.hpp"

#include <algorithm>
#include <utility>

#include "udp/framing/encoder.hpp"

namespace tunnel::relay {
namespace {

namespace framing = udp::framing;

// Others have their turn after so many.
constexpr int datagrams_per_turn = 32;

// ATYP, address, port.
constexpr std::size_t four_size = 1 + 4 + 2;
constexpr std::size_t six_size = 1 + 16 + 2;

// ATYP, address and port, written where they go.
void encode_peer(octet_span room, const asio::ip::udp::endpoint& peer) {
  const auto write = [&](socks::address_type type, const auto& host) {
    framing::encode_address(room, {type, octet_view(host), peer.port()});
  };
  if (peer.address().is_v4()) {
    write(socks::address_type::ipv4, peer.address().to_v4().to_bytes());
  } else {
    write(socks::address_type::ipv6, peer.address().to_v6().to_bytes());
  }
}

}  // namespace

association::association(asio::any_io_executor executor, std::uint32_t number, const filter& rules,
                         frame_room& room, downstream& to)
    : number_(number), rules_(rules), room_(room), to_(to), four_(executor), six_(executor) {}

error_code association::send(const asio::ip::udp::endpoint& target, octet_view payload) {
  touch();
  auto& socket = target.address().is_v4() ? four_ : six_;
  if (!socket.is_open()) {
    if (const auto failure = open(socket, target.protocol())) {
      error_code ignored;
      socket.close(ignored);
      return failure;
    }
  }
  error_code failure;
  socket.send_to(asio::buffer(payload.data(), payload.size()), target, 0, failure);
  if (failure) {
    ++counted_.dropped;
    return failure == asio::error::would_block ? error_code{} : failure;
  }
  ++counted_.sent;
  return {};
}

error_code association::open(udp_socket& socket, const asio::ip::udp& family) {
  error_code failure;
  socket.open(family, failure);
  if (!failure) socket.non_blocking(true, failure);
  // Without it an IPv6 socket would reach IPv4 addresses past the filter.
  if (!failure && family == asio::ip::udp::v6()) socket.set_option(asio::ip::v6_only(true), failure);
  if (!failure) socket.bind(asio::ip::udp::endpoint(family, 0), failure);
  if (!failure) wait(socket);
  return failure;
}

void association::wait(udp_socket& socket) {
  socket.async_wait(udp_socket::wait_read, [self = shared_from_this(), &socket](error_code failure) {
    if (failure || !socket.is_open()) return;
    self->receive(socket);
  });
}

void association::receive(udp_socket& socket) {
  const std::size_t payload_at = framing::head_size + (&socket == &four_ ? four_size : six_size);
  asio::ip::udp::endpoint peer;
  for (int i = 0; i < datagrams_per_turn; ++i) {
    error_code failure;
    const auto room = asio::buffer(room_.data() + payload_at, framing::max_payload);
    const std::size_t size = socket.receive_from(room, peer, 0, failure);
    if (failure) break;
    deliver(peer, payload_at, size);
  }
  to_.flush();
  if (socket.is_open()) wait(socket);
}

void association::deliver(const asio::ip::udp::endpoint& peer, std::size_t payload_at, std::size_t size) {
  if (!rules_.allows(peer.address())) {
    ++counted_.dropped;
    return;
  }
  used_ = clock::now();
  ++counted_.received;
  const octet_span room(room_);
  encode_peer(room.subspan(framing::head_size), peer);
  framing::encode_head(room, framing::message_type::datagram, number_,
                       payload_at - framing::head_size + size);
  to_.add(room.first(payload_at + size));
}

void association::close() {
  error_code ignored;
  four_.close(ignored);
  six_.close(ignored);
}

bool association::may_notice() {
  const auto now = clock::now();
  if (noticed_ && now - *noticed_ < std::chrono::seconds(1)) return false;
  noticed_ = now;
  return true;
}

}  // namespace tunnel::relay
