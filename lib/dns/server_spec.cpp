#include "dns/server_spec.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "dns/message.hpp"

namespace tunnel::dns {

namespace {

constexpr std::uint16_t default_port = 53;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

result<ssh::endpoint> parse_server(std::string_view text) {
  std::string_view host = text;
  std::optional<std::uint16_t> port = default_port;
  const bool bracketed = text.starts_with('[') && text.find(']') != std::string_view::npos;
  const auto colon = text.rfind(':');
  const bool one_colon = colon != std::string_view::npos && text.find(':') == colon;
  if (bracketed) {
    const auto end = text.find(']');
    host = text.substr(1, end - 1);
    const auto rest = text.substr(end + 1);
    if (!rest.empty()) port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
  } else if (one_colon) {
    host = text.substr(0, colon);
    port = parse_port(text.substr(colon + 1));
  }
  if (!port || !parse_ip_address(host)) {
    return error{make_error_code(boost::system::errc::invalid_argument),
                 "'" + sanitise(text) + "' is no name server: give auto, or its address, as in 192.0.2.53, " +
                     "192.0.2.53:5353 or [2001:db8::53]:5353"};
  }
  return ssh::endpoint{std::string(host), *port};
}

}  // namespace tunnel::dns
