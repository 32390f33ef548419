#include "config/destination.hpp"

#include <algorithm>

#include "config/address.hpp"
#include "config/errors.hpp"
#include "config/service_port.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// getaddrinfo's own limit for a host (NI_MAXHOST) without its NUL; a user's name has no lower one.
constexpr std::size_t max_name = 1024;
constexpr std::string_view scheme = "ssh://";

error refuse(std::string_view what, std::string_view text, std::string_view why) {
  return failure(errc::malformed, std::string(what) + ' ' + in_quotes(text) + ' ' + std::string(why));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

result<void> check_text(const std::string& subject, std::string_view name) {
  if (name.empty()) return failure(errc::malformed, subject + " is empty");
  if (name.size() > max_name) return refuse(subject, name, "is too long");
  if (std::ranges::any_of(name, is_control)) return refuse(subject, name, "has control characters in it");
  return {};
}

result<void> check_name(const std::string& subject, std::string_view name, std::string_view metacharacters) {
  if (const auto fine = check_text(subject, name); !fine) return fine;
  if (name.front() == '-') return refuse(subject, name, "begins with \"-\"");
  const std::size_t meta = name.find_first_of(metacharacters);
  if (meta != std::string_view::npos)
    return refuse(subject, name, "has " + in_quotes(name.substr(meta, 1)) + " in it, which no such name has");
  return {};
}

std::optional<int> hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// RFC 3986 §2.1.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto high = i + 1 < text.size() ? hexadecimal(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : std::nullopt;
    if (!high || !low) return std::nullopt;
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return decoded;
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return host;
  return host.substr(1, host.size() - 2);
}

result<destination> checked(destination parsed) {
  if (const auto fine = check_host(parsed.host); !fine) return fine.error();
  if (parsed.user) {
    if (const auto fine = check_user(*parsed.user); !fine) return fine.error();
  }
  return parsed;
}

// Takes `:port` off the end of `authority`.
result<std::optional<std::uint16_t>> take_port(std::string_view& authority, std::string_view text) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return std::optional<std::uint16_t>();
  if (authority.find(':') != colon && bracket == std::string_view::npos)
    return refuse("the address", text, "has more than one colon; an IPv6 address goes in brackets");
  const std::string_view digits = authority.substr(colon + 1);
  authority = authority.substr(0, colon);
  if (digits.empty()) return std::optional<std::uint16_t>();
  const auto port = parse_server_port(digits);
  if (!port)
    return refuse("the address", text, "has no port that a server can have: a number from 1 to 65535");
  return std::optional(*port);
}

result<destination> parse_uri(std::string_view text) {
  std::string_view authority = text.substr(scheme.size());
  if (const std::size_t slash = authority.find('/'); slash != std::string_view::npos) {
    if (slash + 1 != authority.size())
      return refuse("the address", text, "has a path, and a tunnel has no use for it");
    authority = authority.substr(0, slash);
  }
  destination parsed;
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    // What follows a semicolon are connection parameters of a draft that nobody implements.
    const std::string_view user = authority.substr(0, std::min(at, authority.find(';')));
    parsed.user = percent_decoded(user);
    if (!parsed.user)
      return refuse("the address", text, "has a \"%\" without two hexadecimal digits behind it");
    authority = authority.substr(at + 1);
  }
  const auto port = take_port(authority, text);
  if (!port) return port.error();
  parsed.port = *port;
  auto host = percent_decoded(without_brackets(authority));
  if (!host) return refuse("the address", text, "has a \"%\" without two hexadecimal digits behind it");
  parsed.host = std::move(*host);
  return checked(std::move(parsed));
}

}  // namespace

result<void> check_host(std::string_view host) {
  return check_name("the host", host, " '`\"$\\;&<>|(){},");
}

result<void> check_user(std::string_view user) {
  if (const auto fine = check_name("the user", user, "'`\";&<>|(){}"); !fine) return fine;
  if (user.find(" -") != std::string_view::npos)
    return refuse("the user", user, "has a space before a \"-\"");
  if (user.back() == '\\') return refuse("the user", user, "ends with a backslash");
  return {};
}

result<void> check_user_of_file(std::string_view user) {
  return check_text("the user", user);
}

result<destination> parse_destination(std::string_view text) {
  if (text.starts_with(scheme)) return parse_uri(text);
  destination parsed;
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) parsed.user = text.substr(0, at);
  parsed.host = at == std::string_view::npos ? text : text.substr(at + 1);
  const std::string_view inside = without_brackets(parsed.host);
  if (is_address_literal(inside)) parsed.host = std::string(inside);
  return checked(std::move(parsed));
}

result<destination> parse_jump_host(std::string_view text) {
  if (text.starts_with(scheme)) return parse_uri(text);
  destination parsed;
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) parsed.user = text.substr(0, at);
  std::string_view host = at == std::string_view::npos ? text : text.substr(at + 1);
  const auto port = take_port(host, text);
  if (!port) return port.error();
  parsed.port = *port;
  parsed.host = without_brackets(host);
  return checked(std::move(parsed));
}

}  // namespace tunnel::config
