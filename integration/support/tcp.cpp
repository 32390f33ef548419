#include "support/tcp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <list>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace tunnel::integration {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Keeps other test programs off a port for as long as the descriptor is open: a name, in the abstract
/// namespace of unix(7), that only one can have. Nothing when another has it.
std::optional<descriptor> reserve(std::uint16_t port) {
  descriptor made(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  // The first octet of such a name is a NUL.
  const auto text = "tunnel-test-port-" + std::to_string(port);
  text.copy(name.sun_path + 1, sizeof name.sun_path - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) return std::nullopt;
  return made;
}

struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  socket_address(const std::string& address, std::uint16_t port) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons(port);
      size = sizeof(sockaddr_in6);
    } else if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET;
      v4->sin_port = htons(port);
      size = sizeof(sockaddr_in);
    } else {
      throw std::invalid_argument("not an address: " + address);
    }
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

descriptor make_socket(const socket_address& address) {
  descriptor made(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.get() < 0) fail("socket");
  return made;
}

bool ready(int socket, short events, int limit) {
  pollfd waiting{socket, events, 0};
  return ::poll(&waiting, 1, limit) == 1;
}

void wait_for(int socket, short events, const deadline& end, const char* what) {
  if (!ready(socket, events, end.left_in_milliseconds())) throw timed_out(what);
}

void connect_within(int socket, const socket_address& target, milliseconds limit) {
  if (::connect(socket, target.get(), target.size) == 0) return;
  if (errno != EINPROGRESS) fail("connect");
  wait_for(socket, POLLOUT, deadline(limit), "connect");
  socklen_t size = sizeof errno;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &errno, &size);
  if (errno != 0) fail("connect");
}

std::uint16_t bound_port(int socket) {
  sockaddr_in6 bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  // sockaddr_in has its port at the same offset.
  return ntohs(bound.sin6_port);
}

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, ending shown) {
  return out << (shown == ending::reset ? "reset" : "end of stream");
}

tcp_stream::tcp_stream(descriptor socket) : socket_(std::move(socket)) {
  // Steps of a handshake are sent one by one; none should wait for the one before to be acknowledged.
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

tcp_stream tcp_stream::connect(const std::string& address, std::uint16_t port, milliseconds limit) {
  const socket_address target(address, port);
  descriptor made = make_socket(target);
  connect_within(made.get(), target, limit);
  return tcp_stream(std::move(made));
}

tcp_stream tcp_stream::connect_from(const std::string& local, const std::string& address, std::uint16_t port,
                                    milliseconds limit) {
  const socket_address target(address, port);
  const socket_address own(local, 0);
  descriptor made = make_socket(target);
  if (::bind(made.get(), own.get(), own.size) != 0) fail("bind");
  connect_within(made.get(), target, limit);
  return tcp_stream(std::move(made));
}

std::uint16_t tcp_stream::local_port() const {
  return bound_port(socket_.get());
}

void tcp_stream::send(std::string_view data, milliseconds limit) const {
  const deadline end(limit);
  while (!data.empty()) {
    const ssize_t count = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      data.remove_prefix(static_cast<std::size_t>(count));
    } else if (would_block()) {
      wait_for(socket_.get(), POLLOUT, end, "send");
    } else {
      fail("send");
    }
  }
}

std::size_t tcp_stream::receive_some(std::span<char> space, milliseconds limit) const {
  const deadline end(limit);
  while (true) {
    const ssize_t count = ::recv(socket_.get(), space.data(), space.size(), 0);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (!would_block()) fail("receive");
    wait_for(socket_.get(), POLLIN, end, "receive");
  }
}

std::string tcp_stream::receive_exactly(std::size_t count, milliseconds limit) const {
  const deadline end(limit);
  std::string data(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const auto space = std::span(data).subspan(have);
    const std::size_t got = receive_some(space, milliseconds(end.left_in_milliseconds()));
    if (got == 0)
      throw std::runtime_error("the stream ended after " + std::to_string(have) + " of " +
                               std::to_string(count) + " octets");
    have += got;
  }
  return data;
}

tcp_stream::rest tcp_stream::receive_to_end(milliseconds limit) const {
  const deadline end(limit);
  std::string data;
  std::array<char, 65536> space;
  try {
    while (const auto got = receive_some(space, milliseconds(end.left_in_milliseconds())))
      data.append(space.data(), got);
  } catch (const std::system_error& failure) {
    if (failure.code() == std::errc::connection_reset) return {std::move(data), ending::reset};
    throw;
  }
  return {std::move(data), ending::end_of_stream};
}

bool tcp_stream::readable(milliseconds limit) const {
  return ready(socket_.get(), POLLIN, static_cast<int>(limit.count()));
}

void tcp_stream::shut_down_sending() const {
  ::shutdown(socket_.get(), SHUT_WR);
}
void tcp_stream::shut_down() const {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void tcp_stream::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.close();
}

tcp_listener::tcp_listener(const std::string& address, std::uint16_t port, int backlog) {
  const socket_address local(address, port);
  socket_ = make_socket(local);
  const int on = 1;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket_.get(), local.get(), local.size) != 0) fail("bind");
  if (::listen(socket_.get(), backlog) != 0) fail("listen");
  port_ = bound_port(socket_.get());
}

tcp_stream tcp_listener::accept(milliseconds limit) const {
  wait_for(socket_.get(), POLLIN, deadline(limit), "accept");
  descriptor accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (accepted.get() < 0) fail("accept");
  return tcp_stream(std::move(accepted));
}

std::size_t held_connections(std::uint16_t port) {
  // proc(5): one line per socket, "sl: LOCAL_ADDRESS:PORT REMOTE_ADDRESS:PORT STATE ...", all in hexadecimal.
  // The kernel names a socket twice when others come or go while the table is read: each counts once, by its
  // peer.
  static constexpr unsigned established = 1;
  static constexpr unsigned close_wait = 8;
  std::ifstream table("/proc/net/tcp");
  std::set<std::pair<unsigned, unsigned>> peers;
  for (std::string line; std::getline(table, line);) {
    unsigned local_port = 0;
    unsigned peer_address = 0;
    unsigned peer_port = 0;
    unsigned state = 0;
    if (std::sscanf(line.c_str(), " %*u: %*x:%x %x:%x %x", &local_port, &peer_address, &peer_port, &state) !=
        4) {
      continue;
    }
    if (local_port == port && (state == established || state == close_wait))
      peers.emplace(peer_address, peer_port);
  }
  return peers.size();
}

std::uint16_t free_port() {
  static std::mutex guard;
  static std::list<descriptor> reserved;
  const std::lock_guard lock(guard);
  std::random_device random;
  std::uniform_int_distribution<std::uint16_t> candidates(15000, 32000);
  while (true) {
    const std::uint16_t port = candidates(random);
    auto reservation = reserve(port);
    if (!reservation) continue;
    try {
      tcp_listener("127.0.0.1", port);
      reserved.push_back(std::move(*reservation));
      return port;
    } catch (const std::system_error&) {
      // Taken: try another.
    }
  }
}

bool accepts_connections(const std::string& address, std::uint16_t port) {
  try {
    tcp_stream::connect(address, port, seconds(1));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace tunnel::integration
