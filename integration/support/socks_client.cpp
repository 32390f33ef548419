#include "support/socks_client.hpp"

#include <arpa/inet.h>

#include <array>
#include <sstream>
#include <stdexcept>

namespace tunnel::integration {
namespace {

constexpr char v5_version = 5;
constexpr char v4_version = 4;
constexpr char atyp_ipv4 = 1;
constexpr char atyp_domain = 3;
constexpr char atyp_ipv6 = 4;
constexpr char no_authentication = 0;

/// The address in network order, or nothing if `host` is no literal of that family.
std::string packed(int family, const std::string& host) {
  std::array<char, 16> octets;
  if (::inet_pton(family, host.c_str(), octets.data()) != 1) return {};
  return {octets.data(), family == AF_INET ? 4U : 16U};
}

std::string packed_port(std::uint16_t port) {
  return {static_cast<char>(port >> 8U), static_cast<char>(port & 0xffU)};
}

/// The text of an address in network order.
std::string unpacked(const std::string& host) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(host.size() == 4 ? AF_INET : AF_INET6, host.data(), text.data(), text.size());
  return text.data();
}

std::uint16_t unpacked_port(const std::string& port) {
  const auto high = static_cast<unsigned char>(port[0]);
  const auto low = static_cast<unsigned char>(port[1]);
  return static_cast<std::uint16_t>(high << 8U | low);
}

void expect(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("malformed SOCKS answer: ") + what);
}

}  // namespace

std::string v5_greeting() {
  return {v5_version, 1, no_authentication};
}

std::string v5_request(const target& where, socks_command what) {
  std::string request{v5_version, static_cast<char>(what), 0};
  if (const auto v4 = packed(AF_INET, where.host); !v4.empty())
    request += atyp_ipv4 + v4;
  else if (const auto v6 = packed(AF_INET6, where.host); !v6.empty())
    request += atyp_ipv6 + v6;
  else
    request += std::string{atyp_domain, static_cast<char>(where.host.size())} + where.host;
  return request + packed_port(where.port);
}

std::string v4_request(const target& where, socks_command what) {
  const std::string head = std::string{v4_version, static_cast<char>(what)} + packed_port(where.port);
  const std::string user_id = std::string("tester") + '\0';
  if (const auto v4 = packed(AF_INET, where.host); !v4.empty()) return head + v4 + user_id;
  // SOCKS4a: an address 0.0.0.x, x not 0, announces a name behind the user id.
  return head + std::string{0, 0, 0, 1} + user_id + where.host + '\0';
}

std::ostream& operator<<(std::ostream& out, reply shown) {
  const auto code = static_cast<unsigned>(shown);
  static constexpr std::string_view digits = "0123456789abcdef";
  return out << digits[code >> 4U] << digits[code & 0xfU];
}

void read_v5_method(const tcp_stream& proxy, milliseconds limit) {
  const std::string choice = proxy.receive_exactly(2, limit);
  expect(choice[0] == v5_version, "method selection version");
  expect(choice[1] == no_authentication, "method");
}

bound_reply read_bound_reply(const tcp_stream& proxy, socks_version version, milliseconds limit) {
  if (version != socks_version::v5) {
    const std::string answer = proxy.receive_exactly(8, limit);
    expect(answer[0] == 0, "reply version");
    return {static_cast<reply>(answer[1]), {unpacked(answer.substr(4)), unpacked_port(answer.substr(2))}};
  }
  const std::string head = proxy.receive_exactly(4, limit);
  expect(head[0] == v5_version, "reply version");
  expect(head[2] == 0, "RSV");
  expect(head[3] == atyp_ipv4 || head[3] == atyp_ipv6, "ATYP of BND.ADDR");
  const std::string host = proxy.receive_exactly(head[3] == atyp_ipv4 ? 4 : 16, limit);
  return {static_cast<reply>(head[1]), {unpacked(host), unpacked_port(proxy.receive_exactly(2, limit))}};
}

reply read_v5_reply(const tcp_stream& proxy, milliseconds limit) {
  return read_bound_reply(proxy, socks_version::v5, limit).code;
}

reply read_v4_reply(const tcp_stream& proxy, milliseconds limit) {
  return read_bound_reply(proxy, socks_version::v4, limit).code;
}

tcp_stream send_request(std::uint16_t proxy_port, socks_version version, const target& where,
                        socks_command what, milliseconds limit) {
  auto proxy = tcp_stream::connect("127.0.0.1", proxy_port, limit);
  if (version != socks_version::v5) {
    proxy.send(v4_request(where, what));
    return proxy;
  }
  proxy.send(v5_greeting());
  read_v5_method(proxy, limit);
  proxy.send(v5_request(where, what));
  return proxy;
}

answered ask(std::uint16_t proxy_port, socks_version version, const target& where, milliseconds limit) {
  auto proxy = send_request(proxy_port, version, where, socks_command::connect, limit);
  const auto code = read_bound_reply(proxy, version, limit).code;
  return {std::move(proxy), code};
}

tcp_stream connect_through(std::uint16_t proxy_port, const target& where, socks_version version,
                           milliseconds limit) {
  auto [stream, code] = ask(proxy_port, version, where, limit);
  if (code != reply::succeeded && code != reply::v4_granted)
    throw std::runtime_error("the proxy refused " + where.host + " with reply " +
                             (std::ostringstream() << code).str());
  return std::move(stream);
}

bool echoes(const tcp_stream& stream, std::string_view text, milliseconds limit) {
  stream.send(text, limit);
  return stream.receive_exactly(text.size(), limit) == text;
}

}  // namespace tunnel::integration
