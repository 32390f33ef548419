#include "config/forward_spec.hpp"

#include <sys/un.h>

#include <algorithm>

#include "config/address.hpp"
#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

constexpr std::size_t max_bind_address = 255;
// A path must fit into sun_path with a NUL behind it.
constexpr std::size_t max_socket_path = sizeof(sockaddr_un::sun_path) - 1;

error refuse(std::string_view text, const std::string& why) {
  return failure(errc::malformed, "cannot listen on " + in_quotes(text) + ": " + why);
}

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

result<forward_spec> socket_at(std::string_view text, std::string_view path) {
  if (path.size() > max_socket_path)
    return refuse(text, "a socket's path has at most " + std::to_string(max_socket_path) + " octets");
  return forward_spec{.bind_address = {}, .port = 0, .socket_path = std::string(path)};
}

result<forward_spec> listener_at(std::string_view text, std::optional<std::string_view> address,
                                 std::string_view port) {
  const auto number = parse_port(port);
  if (!number) return refuse(text, in_quotes(port) + " is no port, which is a number from 0 to 65535");
  forward_spec spec{.bind_address = {}, .port = *number, .socket_path = {}};
  if (!address) return spec;
  if (address->size() > max_bind_address) return refuse(text, "the bind address is too long");
  if (address->find_first_of(" \t[]") != std::string_view::npos)
    return refuse(text, "a bind address has no spaces or brackets in it");
  spec.bind_address = address->empty() ? "*" : std::string(*address);
  return spec;
}

result<forward_spec> bracketed(std::string_view text) {
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return refuse(text, "the bracket is not closed");
  const std::string_view inside = text.substr(1, end - 1);
  const std::string_view behind = text.substr(end + 1);
  if (behind.empty() && inside.find('/') != std::string_view::npos) return socket_at(text, inside);
  if (!behind.starts_with(':')) return refuse(text, "a colon and a port must follow the bracket");
  if (inside.empty()) return refuse(text, "there is no address in the brackets");
  return listener_at(text, inside, behind.substr(1));
}

}  // namespace

result<forward_spec> parse_dynamic_forward(std::string_view text) {
  if (text.empty()) return failure(errc::malformed, "an address to listen on needs at least a port");
  if (has_controls(text)) return refuse(text, "it has control characters in it");
  if (text.front() == '[') return bracketed(text);

  if (const std::size_t slash = text.rfind('/'); slash != std::string_view::npos) {
    const std::string_view before = text.substr(0, slash);
    const std::string_view behind = text.substr(slash + 1);
    const bool older_form = (before == "*" || is_address_literal(before)) && parse_port(behind);
    return older_form ? listener_at(text, before, behind) : socket_at(text, text);
  }

  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return listener_at(text, std::nullopt, text);
  const std::string_view address = text.substr(0, colon);
  if (address.find(':') != std::string_view::npos)
    return refuse(text, "an IPv6 address goes in brackets, as in [::1]:1080");
  return listener_at(text, address, text.substr(colon + 1));
}

}  // namespace tunnel::config
