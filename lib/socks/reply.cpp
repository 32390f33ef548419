#include "socks/reply.hpp"

namespace tunnel::socks {
namespace {

octets encode_socks4(socks4_reply_code code, const address& bound) {
  const auto* host = std::get_if<ipv4>(&bound.host);
  const ipv4 shown = host != nullptr ? *host : ipv4{};
  const auto port_high = static_cast<octet>(bound.port >> 8);
  const auto port_low = static_cast<octet>(bound.port & 0xff);
  return {0x00, static_cast<octet>(code), port_high, port_low, shown[0], shown[1], shown[2], shown[3]};
}

octets encode_socks5(reply_code code, const address& bound) {
  constexpr octet reserved = 0x00;
  octets out{static_cast<octet>(version::socks5), static_cast<octet>(code), reserved};
  append_address(out, bound);
  return out;
}

}  // namespace

socks4_reply_code to_socks4(reply_code code) {
  return code == reply_code::succeeded ? socks4_reply_code::request_granted
                                       : socks4_reply_code::request_rejected;
}

octets encode_reply(version to, reply_code code, const address& bound) {
  return to == version::socks4 ? encode_socks4(to_socks4(code), bound) : encode_socks5(code, bound);
}

octets encode_method_selection(method chosen) {
  return {static_cast<octet>(version::socks5), static_cast<octet>(chosen)};
}

}  // namespace tunnel::socks
