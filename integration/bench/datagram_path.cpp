#include "datagram_path.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "interruption.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

using std::chrono_literals::operator""ms;

run_failure failed(const char* what) {
  return run_failure(std::string(what) + " failed: " + std::system_category().message(errno));
}

octets header_for(std::uint16_t port) {
  return {0, 0, 0, 1, 127, 0, 0, 1, static_cast<octet>(port >> 8), static_cast<octet>(port & 0xff)};
}

}  // namespace

datagram_path::datagram_path(const test_bed& bed)
    : socket_(receive_datagrams_on_loopback()), control_(bed.deadline) {
  poller_.add(socket_.socket.get(), EPOLLIN);
  if (bed.socks_port == no_proxy) {
    connect_datagrams(socket_.socket, bed.datagram_port);
    return;
  }
  auto& association = control_.start<association_flow>(bed.socks_port, socket_.port);
  control_.run_until([&] { return association.is_complete(); }, "a UDP association");
  connect_datagrams(socket_.socket, association.relay_port());
  header_ = header_for(bed.datagram_port);
}

void datagram_path::send(octet_view data) {
  // sendmsg() changes neither.
  std::array<iovec, 2> parts{iovec{header_.data(), header_.size()},
                             iovec{const_cast<octet*>(data.data()), data.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  if (sendmsg(socket_.socket.get(), &message, MSG_NOSIGNAL) < 0) throw failed("sending a datagram");
}

std::optional<octet_view> datagram_path::receive() {
  const ssize_t count = recv(socket_.socket.get(), came_.data(), came_.size(), 0);
  if (count < 0 && errno == EAGAIN) return std::nullopt;
  if (count < 0) throw failed("receiving a datagram");
  const auto all = octet_view(came_).first(static_cast<std::size_t>(count));
  if (all.size() < header_.size() || !std::ranges::equal(all.first(header_.size()), header_))
    throw run_failure("a datagram that is not from the echo");
  return all.subspan(header_.size());
}

void datagram_path::wait(clock::time_point until) {
  throw_if_interrupted();
  // A signal may have come to another thread, so no wait is long.
  poller_.wait(std::min(until, clock::now() + 100ms));
}

void datagram_path::check() {
  control_.run_until(clock::now() + 1ms);
}

}  // namespace tunnel::bench
