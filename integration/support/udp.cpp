#include "support/udp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace tunnel::integration {
namespace {

struct datagram_address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  datagram_address() = default;
  explicit datagram_address(const target& where) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    if (::inet_pton(AF_INET6, where.host.c_str(), &v6->sin6_addr) == 1) {
      v6->sin6_family = AF_INET6;
      size = sizeof(sockaddr_in6);
    } else if (::inet_pton(AF_INET, where.host.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET;
      size = sizeof(sockaddr_in);
    } else {
      throw std::invalid_argument("not an address: " + where.host);
    }
    // The port is at the same place in both.
    v4->sin_port = htons(where.port);
  }

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] target where() const {
    char text[INET6_ADDRSTRLEN] = {};
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    const void* host = storage.ss_family == AF_INET6 ? static_cast<const void*>(&v6->sin6_addr)
                                                     : static_cast<const void*>(&v4->sin_addr);
    ::inet_ntop(storage.ss_family, host, text, sizeof text);
    return {text, ntohs(v4->sin_port)};
  }
};

/// The address at `at` in a header or a reply, which ends up behind it.
target read_address(std::string_view data, std::size_t& at) {
  const auto octet_at = [&](std::size_t index) { return static_cast<std::uint8_t>(data.at(index)); };
  const auto type = octet_at(at++);
  if (type != 1 && type != 4) throw std::runtime_error("an address that is neither IPv4 nor IPv6");
  const std::size_t size = type == 1 ? 4 : 16;
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(type == 1 ? AF_INET : AF_INET6, data.substr(at, size).data(), text, sizeof text);
  at += size;
  const auto port = static_cast<std::uint16_t>(octet_at(at) << 8 | octet_at(at + 1));
  at += 2;
  return {text, port};
}

struct association_answer {
  reply code;
  target bound;
};

association_answer request_association(const tcp_stream& proxy, const target& announced) {
  proxy.send(v5_greeting());
  read_v5_method(proxy);
  proxy.send(v5_request(announced, socks_command::udp_associate));
  std::string answer = proxy.receive_exactly(4);
  answer += proxy.receive_exactly(answer[3] == 1 ? 6 : 18);
  std::size_t at = 3;
  const auto bound = read_address(answer, at);
  return {static_cast<reply>(answer[1]), bound};
}

}  // namespace

udp_socket::udp_socket(const std::string& address) {
  datagram_address local(target{address, 0});
  socket_ = descriptor(::socket(local.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int room = 4 * 1024 * 1024;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  if (::bind(socket_.get(), local.get(), local.size) != 0)
    throw std::system_error(errno, std::generic_category(), "bind");
  ::getsockname(socket_.get(), local.get(), &local.size);
  port_ = local.where().port;
}

bool udp_socket::send_to(const target& where, std::string_view data) const {
  datagram_address to(where);
  return ::sendto(socket_.get(), data.data(), data.size(), 0, to.get(), to.size) ==
         static_cast<ssize_t>(data.size());
}

std::optional<udp_socket::datagram> udp_socket::receive(milliseconds limit) const {
  const deadline end(limit);
  std::string data(65536, '\0');
  for (;;) {
    datagram_address from;
    const auto size = ::recvfrom(socket_.get(), data.data(), data.size(), 0, from.get(), &from.size);
    if (size >= 0) {
      data.resize(static_cast<std::size_t>(size));
      return datagram{from.where(), std::move(data)};
    }
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, end.left_in_milliseconds()) != 1) return std::nullopt;
  }
}

udp_echo::udp_echo(const std::string& address) : socket_(address), thread_([this] { serve(); }) {}

udp_echo::~udp_echo() {
  over_ = true;
  thread_.join();
}

void udp_echo::serve() {
  while (!over_) {
    const auto came = socket_.receive(milliseconds(50));
    if (!came) continue;
    ++received_;
    socket_.send_to(came->from, came->data);
  }
}

std::string udp_header(const target& where, std::uint8_t fragment) {
  // The request has the address in the same place and form: VER and CMD stand where RSV does, RSV where FRAG
  // does.
  std::string header = v5_request(where);
  header[0] = header[1] = 0;
  header[2] = static_cast<char>(fragment);
  return header;
}

udp_association::udp_association(std::uint16_t proxy_port, const std::string& proxy_address, bool announce)
    : socket_(proxy_address), control_(tcp_stream::connect(proxy_address, proxy_port)) {
  const std::string unknown = proxy_address == "::1" ? "::" : "0.0.0.0";
  const auto [code, bound] = request_association(
      control_, {announce ? proxy_address : unknown, announce ? socket_.port() : std::uint16_t{0}});
  if (code != reply::succeeded)
    throw std::runtime_error("the proxy refused UDP with reply " +
                             std::to_string(static_cast<unsigned>(code)));
  relay_ = bound;
}

bool udp_association::send(const target& where, std::string_view data) const {
  return send_raw(udp_header(where) + std::string(data));
}

std::optional<udp_socket::datagram> udp_association::receive(milliseconds limit) const {
  auto came = socket_.receive(limit);
  if (!came) return std::nullopt;
  if (came->from.host != relay_.host || came->from.port != relay_.port)
    throw std::runtime_error("a datagram from elsewhere");
  if (came->data.substr(0, 3) != std::string(3, '\0')) throw std::runtime_error("RSV or FRAG is not 0");
  std::size_t at = 3;
  const auto from = read_address(came->data, at);
  return udp_socket::datagram{from, came->data.substr(at)};
}

bool udp_association::echoes(const target& where, std::string_view data, milliseconds limit) const {
  if (!send(where, data)) return false;
  const auto came = receive(limit);
  return came && came->data == data && came->from.port == where.port;
}

reply ask_for_association(std::uint16_t proxy_port) {
  const auto proxy = tcp_stream::connect("127.0.0.1", proxy_port);
  return request_association(proxy, {"0.0.0.0", 0}).code;
}

}  // namespace tunnel::integration
