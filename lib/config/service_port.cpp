#include "config/service_port.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <string>

#include "config/values.hpp"

namespace tunnel::config {

std::optional<std::uint16_t> parse_service_port(std::string_view text) {
  if (const auto number = parse_port(text)) return number;
  // A NUL would end the name early. The table is read while there is one thread alone.
  if (text.empty() || text.find('\0') != std::string_view::npos) return std::nullopt;
  const servent* const found = ::getservbyname(std::string(text).c_str(), "tcp");
  if (found == nullptr) return std::nullopt;
  return ntohs(static_cast<std::uint16_t>(found->s_port));
}

std::optional<std::uint16_t> parse_server_port(std::string_view text) {
  const auto port = parse_service_port(text);
  return port && *port != 0 ? port : std::nullopt;
}

}  // namespace tunnel::config
