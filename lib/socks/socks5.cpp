#include <algorithm>
#include <utility>

#include "parse.hpp"
#include "socks/reply.hpp"

// RFC 1928. Section 3, the greeting, and section 4, the request:
//
//   | VER 1 | NMETHODS 1 | METHODS 1 to 255 |
//   | VER 1 | CMD 1 | RSV 1 | ATYP 1 | DST.ADDR | DST.PORT 2 |
namespace tunnel::socks {
namespace {

constexpr std::size_t address_offset = 4;

violation refuse_methods(std::string reason) {
  return {encode_method_selection(method::no_acceptable), std::move(reason)};
}

violation refuse(reply_code code, std::string reason) {
  return {encode_reply(version::socks5, code), std::move(reason)};
}

bool offers(octet_view methods, method wanted) {
  return std::find(methods.begin(), methods.end(), static_cast<octet>(wanted)) != methods.end();
}

request make_request(octet_view in, decltype(address::host) host, std::size_t length) {
  const auto port = static_cast<std::uint16_t>(in[length - 2] << 8 | in[length - 1]);
  return {version::socks5, command{in[1]}, {std::move(host), port}, {}};
}

template <class Host>
parsed<request> parse_numeric(octet_view in) {
  Host host{};
  const std::size_t length = address_offset + host.size() + port_size;
  if (in.size() < length) return need_more{};
  std::copy_n(in.begin() + address_offset, host.size(), host.begin());
  return message<request>{make_request(in, host, length), length};
}

parsed<request> parse_named(octet_view in) {
  constexpr std::size_t name_offset = address_offset + 1;
  if (in.size() < name_offset) return need_more{};
  const std::size_t size = in[address_offset];
  if (size == 0) return refuse(reply_code::general_failure, "the SOCKS5 client sent an empty host name");
  const std::size_t length = name_offset + size + port_size;
  if (in.size() < length) return need_more{};
  const std::string_view name = as_text(in.subspan(name_offset, size));
  if (!is_clean_name(name)) {
    return refuse(reply_code::general_failure, "the SOCKS5 client sent a host name with control characters");
  }
  return message<request>{make_request(in, std::string(name), length), length};
}

}  // namespace

parsed<method> parse_socks5_greeting(octet_view in) {
  if (in.size() < 2) return need_more{};
  const std::size_t count = in[1];
  if (count == 0) return refuse_methods("the SOCKS5 client offers no authentication method at all");
  const std::size_t length = 2 + count;
  if (in.size() < length) return need_more{};
  if (!offers(in.subspan(2, count), method::no_authentication)) {
    return refuse_methods(
        "the SOCKS5 client insists on authentication, and this port has none: remove the user name and "
        "password from its proxy settings");
  }
  return message<method>{method::no_authentication, length};
}

parsed<request> parse_socks5_request(octet_view in) {
  if (!in.empty() && in[0] != static_cast<octet>(version::socks5)) {
    return refuse(reply_code::general_failure,
                  "the SOCKS5 client's request has version " + hexadecimal(in[0]));
  }
  // RFC 1928 wants X'00' here. A client that sends something else means something that we would ignore.
  if (in.size() >= 3 && in[2] != 0) {
    return refuse(reply_code::general_failure,
                  "the SOCKS5 client's request has " + hexadecimal(in[2]) + " in its reserved octet");
  }
  if (in.size() < address_offset) return need_more{};
  switch (address_type{in[3]}) {
    case address_type::ipv4:
      return parse_numeric<ipv4>(in);
    case address_type::ipv6:
      return parse_numeric<ipv6>(in);
    case address_type::domain_name:
      return parse_named(in);
  }
  return refuse(reply_code::address_type_not_supported,
                "the SOCKS5 client asks for the unknown address type " + hexadecimal(in[3]));
}

}  // namespace tunnel::socks
