#include "socks/address.hpp"

#include <arpa/inet.h>

#include <stdexcept>

#include "base/text.hpp"

namespace tunnel::socks {
namespace {

template <std::size_t Size>
std::string numeric_text(int family, const std::array<octet, Size>& host) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, host.data(), text.data(), text.size());
  return text.data();
}

void append_host(octets& out, address_type type, octet_view host) {
  out.push_back(static_cast<octet>(type));
  out.insert(out.end(), host.begin(), host.end());
}

void append_name(octets& out, const std::string& name) {
  if (name.empty() || name.size() > max_host) throw std::length_error("a SOCKS name has 1 to 255 octets");
  out.push_back(static_cast<octet>(address_type::domain_name));
  out.push_back(static_cast<octet>(name.size()));
  out.insert(out.end(), name.begin(), name.end());
}

void append_port(octets& out, std::uint16_t port) {
  out.push_back(static_cast<octet>(port >> 8));
  out.push_back(static_cast<octet>(port & 0xff));
}

}  // namespace

std::string address::host_text() const {
  if (const auto* four = std::get_if<ipv4>(&host)) return numeric_text(AF_INET, *four);
  if (const auto* six = std::get_if<ipv6>(&host)) return numeric_text(AF_INET6, *six);
  return std::get<std::string>(host);
}

std::string address::to_string() const {
  std::string text = sanitise(host_text());
  if (std::holds_alternative<ipv6>(host)) text = "[" + text + "]";
  return text + ":" + std::to_string(port);
}

void append_address(octets& out, const address& value) {
  if (const auto* four = std::get_if<ipv4>(&value.host)) {
    append_host(out, address_type::ipv4, *four);
  } else if (const auto* six = std::get_if<ipv6>(&value.host)) {
    append_host(out, address_type::ipv6, *six);
  } else {
    append_name(out, std::get<std::string>(value.host));
  }
  append_port(out, value.port);
}

}  // namespace tunnel::socks
