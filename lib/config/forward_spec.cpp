#include "config/forward_spec.hpp"

#include <sys/un.h>

#include <algorithm>
#include <utility>

#include "config/errors.hpp"
#include "config/service_port.hpp"
#include "config/tokens.hpp"
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

result<forward_spec> listener_at(std::string_view text, std::optional<std::string> address,
                                 std::string_view port) {
  const auto number = parse_service_port(port);
  if (!number) return refuse(text, in_quotes(port) + " is no port, which is a number from 0 to 65535");
  if (address && address->size() > max_bind_address) return refuse(text, "the bind address is too long");
  if (address && address->find_first_of(" \t[]") != std::string::npos)
    return refuse(text, "a bind address has no spaces or brackets in it");
  return forward_spec{.bind_address = std::move(address), .port = *number, .socket_path = {}};
}

struct field {
  std::string text;
  bool is_path = false;
};

// Takes `[...]`, which is as it stands, and the colon behind it off the front of `rest`.
std::optional<field> take_bracketed(std::string_view& rest) {
  const std::size_t end = rest.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  if (!rest.empty() && rest.front() != ':') return std::nullopt;
  rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
  return field{.text = std::string(inside), .is_path = inside.find('/') != std::string_view::npos};
}

// Takes what stands before a colon, and that, off the front of `rest`; a backslash makes it part of the
// field. Nothing: a bracket, or the backslash, has nothing that belongs to it.
std::optional<field> take_field(std::string_view& rest) {
  if (rest.front() == '[') return take_bracketed(rest);
  field taken;
  while (!rest.empty()) {
    bool escaped = false;
    if (rest.front() == '\\') {
      rest.remove_prefix(1);
      if (rest.empty()) return std::nullopt;
      escaped = true;
    }
    const char next = rest.front();
    rest.remove_prefix(1);
    if (next == ':' && !escaped) break;
    taken.is_path = taken.is_path || (next == '/' && !escaped);
    taken.text += next;
  }
  return taken;
}

}  // namespace

result<forward_spec> parse_dynamic_forward(std::string_view text) {
  auto expanded = expand_variables(text);
  if (!expanded) return refuse(text, expanded.error().message);
  if (has_controls(*expanded)) return refuse(text, "it has control characters in it");
  std::string_view rest = *expanded;
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.empty()) return failure(errc::malformed, "an address to listen on needs at least a port");

  const auto first = take_field(rest);
  if (!first) return refuse(text, "a bracket is closed, and a colon and a port may follow it");
  if (rest.empty() && first->is_path) return socket_at(text, first->text);
  if (rest.empty()) return listener_at(text, std::nullopt, first->text);
  const auto second = take_field(rest);
  if (!second || !rest.empty()) return refuse(text, "an IPv6 address goes in brackets, as in [::1]:1080");
  return listener_at(text, first->text, second->text);
}

}  // namespace tunnel::config
