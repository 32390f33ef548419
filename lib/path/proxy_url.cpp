#include "path/proxy_url.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "config/address.hpp"
#include "config/destination.hpp"
#include "config/file.hpp"
#include "config/values.hpp"
#include "path/errors.hpp"

namespace tunnel::path {

namespace {

struct scheme {
  proxy_protocol protocol;
  std::string_view name;
  std::uint16_t port;
};

constexpr std::array<scheme, 6> schemes{{{proxy_protocol::http, "http", 80},
                                         {proxy_protocol::https, "https", 443},
                                         {proxy_protocol::socks4, "socks4", 1080},
                                         {proxy_protocol::socks4a, "socks4a", 1080},
                                         {proxy_protocol::socks5, "socks5", 1080},
                                         {proxy_protocol::socks5h, "socks5h", 1080}}};

// Of a user and of a password (RFC 1929 section 2).
constexpr std::size_t max_text = 255;
constexpr std::size_t max_file = 4096;

error not_a_proxy(std::string why) {
  return {errc::malformed, std::move(why)};
}

error not_a_proxy(std::string_view url, const std::string& why) {
  return not_a_proxy("--proxy '" + sanitise(url) + "': " + why);
}

std::optional<std::string> percent_decoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    decoded += text[i];
    if (text[i] != '%') continue;
    const auto pair = config::lower_case(text.substr(i + 1, 2));
    const auto high = pair.size() == 2 ? digits.find(pair[0]) : std::string_view::npos;
    const auto low = pair.size() == 2 ? digits.find(pair[1]) : std::string_view::npos;
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    decoded.back() = static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// Neither a line nor a field of a protocol may end in it.
bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; });
}

result<socks::credentials> checked(std::string user, secret password, const std::string& where) {
  if (user.empty() || user.size() > max_text || password.reveal().size() > max_text || !is_clean(user) ||
      !is_clean(password.reveal()) || user.find(':') != std::string::npos)
    return not_a_proxy(where +
                       ": a user and a password have at most 255 characters each, none of them a control");
  return socks::credentials{std::move(user), std::move(password)};
}

// host, host:port, [address]:port
result<ssh::endpoint> parse_authority(std::string_view authority, std::uint16_t port, std::string_view url) {
  std::string_view host = authority;
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const auto given = config::parse_port(authority.substr(colon + 1));
    if (!given || *given == 0) return not_a_proxy(url, "a port is a number from 1 to 65535");
    port = *given;
    host = authority.substr(0, colon);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!config::is_address_literal(host)) return not_a_proxy(url, "what is in brackets is no address");
  } else if (host.find(':') != std::string_view::npos) {
    return not_a_proxy(url, "an IPv6 address goes in brackets");
  }
  if (const auto fine = config::check_host(host); !fine) return not_a_proxy(url, fine.error().message);
  return ssh::endpoint{std::string(host), port};
}

}  // namespace

std::string_view name_of(proxy_protocol protocol) {
  return std::find_if(schemes.begin(), schemes.end(),
                      [=](const scheme& each) { return each.protocol == protocol; })
      ->name;
}

result<proxy_settings> parse_proxy(std::string_view url) {
  const auto separator = url.find("://");
  const auto known = std::find_if(schemes.begin(), schemes.end(), [&](const scheme& each) {
    return config::equals_ignoring_case(each.name, url.substr(0, separator));
  });
  std::string_view rest = separator == std::string_view::npos ? url : url.substr(separator + 3);
  const auto at = rest.rfind('@');
  std::optional<std::string_view> user;
  if (at != std::string_view::npos) {
    user = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  if (user && user->find(':') != std::string_view::npos)
    return not_a_proxy(
        "--proxy takes no password, since others can read a command line: name the user alone, and give "
        "--proxy-credentials or be asked");
  if (separator == std::string_view::npos || known == schemes.end())
    return not_a_proxy(url,
                       "it begins with http://, https://, socks4://, socks4a://, socks5:// or socks5h://");
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos)
    return not_a_proxy(url, "there is nothing behind the port");
  proxy_settings settings{.protocol = known->protocol, .at = {}, .user = {}, .password = {}};
  auto endpoint = parse_authority(rest, known->port, url);
  if (!endpoint) return endpoint.error();
  settings.at = std::move(*endpoint);
  if (!user) return settings;
  auto decoded = percent_decoded(*user);
  if (!decoded) return not_a_proxy(url, "a '%' goes with two hexadecimal digits");
  auto checked_user = checked(std::move(*decoded), secret(), "--proxy");
  if (!checked_user) return checked_user.error();
  settings.user = std::move(checked_user->user);
  return settings;
}

result<socks::credentials> read_credentials(const std::string& path) {
  auto content = config::read_file(path, max_file);
  if (!content) return error{content.error().code, "--proxy-credentials: " + content.error().message};
  const secret text(std::move(content->text));
  const bool plain = S_ISREG(content->mode);
  if (plain && (content->mode & (S_IRWXG | S_IRWXO)) != 0)
    return not_a_proxy("--proxy-credentials: others may read " + path + ": chmod 600 " + path);
  if (plain && content->owner != ::geteuid() && content->owner != 0)
    return not_a_proxy("--proxy-credentials: " + path + " belongs to somebody else");
  std::string_view line = text.reveal();
  line = line.substr(0, line.find_first_of("\r\n"));
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return not_a_proxy("--proxy-credentials: the first line of " + path + " is not user:password");
  return checked(std::string(line.substr(0, colon)), secret(std::string(line.substr(colon + 1))),
                 "--proxy-credentials: " + path);
}

}  // namespace tunnel::path
