#include "config/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "config/values.hpp"

namespace tunnel::config {
namespace {

// Spares ordinary names the call, as getaddrinfo(3) reads files even when told that it has an address.
bool may_be_address(std::string_view text) {
  return text.find(':') != std::string_view::npos ||
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Empty when the text is no address.
std::string printed_address(std::string_view text) {
  if (text.empty() || !may_be_address(text)) return {};
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(std::string(text).c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::array<char, NI_MAXHOST> printed{};
  if (::getnameinfo(found->ai_addr, found->ai_addrlen, printed.data(), printed.size(), nullptr, 0,
                    NI_NUMERICHOST) != 0)
    return {};
  return printed.data();
}

}  // namespace

bool is_address_literal(std::string_view text) {
  if (!printed_address(text).empty()) return true;
  // A zone that this machine does not have makes no less an address.
  const std::size_t zone = text.find('%');
  if (zone == std::string_view::npos || zone + 1 == text.size()) return false;
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, std::string(text.substr(0, zone)).c_str(), &ignored) == 1;
}

std::string canonical_host(std::string_view host) {
  std::string printed = printed_address(host);
  return printed.empty() ? lower_case(host) : printed;
}

}  // namespace tunnel::config
