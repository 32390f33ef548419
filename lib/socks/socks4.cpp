#include <algorithm>
#include <optional>
#include <utility>

#include "parse.hpp"
#include "socks/reply.hpp"

// SOCKS4, and SOCKS4a's extension of it:
//
//   | VN 1 | CD 1 | DSTPORT 2 | DSTIP 4 | USERID, NUL | and if DSTIP is 0.0.0.x, x != 0: host name, NUL |
namespace tunnel::socks {
namespace {

constexpr std::size_t fixed_part = 8;

violation refuse(std::string reason) {
  return {encode_reply(version::socks4, reply_code::general_failure), std::move(reason)};
}

// What SOCKS4 defines, and RESOLVE, with which Tor extends SOCKS4a. UDP ASSOCIATE and RESOLVE_PTR are
// SOCKS5's: the same value means nothing here.
bool is_socks4_command(command value) {
  return value == command::connect || value == command::bind || value == command::tor_resolve;
}

// SOCKS4a: an address that no host has says that a name follows.
bool announces_name(const ipv4& host) {
  return host[0] == 0 && host[1] == 0 && host[2] == 0 && host[3] != 0;
}

enum class ending { found, missing, too_late };

struct terminated_text {
  ending end;
  std::string_view text;
};

// The text up to its NUL, when that comes after at most `limit` octets.
terminated_text read_terminated(octet_view in, std::size_t limit) {
  const octet_view searched = in.first(std::min(in.size(), limit + 1));
  const auto nul = std::find(searched.begin(), searched.end(), octet{0});
  const ending end = nul != searched.end()      ? ending::found
                     : searched.size() <= limit ? ending::missing
                                                : ending::too_late;
  return {end, as_text({searched.begin(), nul})};
}

std::optional<violation> check_name(std::string_view name) {
  if (name.empty()) return refuse("the SOCKS4a client sent an empty host name");
  if (!is_clean_name(name)) return refuse("the SOCKS4a client sent a host name with control characters");
  return std::nullopt;
}

}  // namespace

parsed<request> parse_socks4_request(octet_view in) {
  if (in.size() >= 2 && !is_socks4_command(command{in[1]})) {
    return refuse("the SOCKS4 client asks for the unknown command " + hexadecimal(in[1]));
  }
  if (in.size() < fixed_part) return need_more{};
  const ipv4 host{in[4], in[5], in[6], in[7]};
  request out{version::socks4, command{in[1]}, {host, static_cast<std::uint16_t>(in[2] << 8 | in[3])}, {}};

  const terminated_text user = read_terminated(in.subspan(fixed_part), max_user_id);
  if (user.end == ending::missing) return need_more{};
  if (user.end == ending::too_late) return refuse("the SOCKS4 client's user id exceeds 512 octets");
  out.user_id = user.text;
  const std::size_t length = fixed_part + user.text.size() + 1;
  if (!announces_name(host)) return message<request>{std::move(out), length};

  const terminated_text name = read_terminated(in.subspan(length), max_host);
  if (name.end == ending::missing) return need_more{};
  if (name.end == ending::too_late) return refuse("the SOCKS4a client's host name exceeds 255 octets");
  if (auto wrong = check_name(name.text)) return std::move(*wrong);
  out.destination.host = std::string(name.text);
  return message<request>{std::move(out), length + name.text.size() + 1};
}

}  // namespace tunnel::socks
