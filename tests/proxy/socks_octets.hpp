#pragma once

#include <string>
#include <string_view>

#include "socks/reply.hpp"

/// What a SOCKS client says and hears, octet by octet.
namespace tunnel::proxy {

/// SOCKS5 without authentication.
inline constexpr std::string_view greeting("\x05\x01\x00", 3);
inline constexpr std::string_view greeting_answer("\x05\x00", 2);

inline std::string reply_text(socks::version version, socks::reply_code code,
                              const socks::address& bound = {}) {
  return std::string(as_text(socks::encode_reply(version, code, bound)));
}

}  // namespace tunnel::proxy
