#pragma once

#include <cstddef>
#include <string>

#include "base/octets.hpp"
#include "socks/address.hpp"

namespace tunnel::socks {

/// VN or VER, the first octet of a request. SOCKS4a speaks as version 4.
enum class version : octet { socks4 = 0x04, socks5 = 0x05 };

/// CMD (RFC 1928 section 4; Tor's socks-extensions section 2), CD in SOCKS4. The octet is kept as it came:
/// a value without a name here is a command that nobody knows, to be answered command_not_supported.
enum class command : octet {
  connect = 0x01,
  bind = 0x02,
  udp_associate = 0x03,
  tor_resolve = 0xf0,
  tor_resolve_ptr = 0xf1,
};

/// METHOD (RFC 1928 section 3).
enum class method : octet {
  no_authentication = 0x00,
  gssapi = 0x01,
  username_password = 0x02,
  no_acceptable = 0xff,
};

/// The longest SOCKS4 user id. Its end is a NUL and the protocol names no limit; 512 octets exceed every
/// login name, and also the tokens that some clients put there to keep their flows apart.
inline constexpr std::size_t max_user_id = 512;

/// What a client asks for.
struct request {
  socks::version version = version::socks5;
  socks::command command = command::connect;
  /// Port 0 passes: what it means depends on the command. A name has 1 to `max_host` octets, none of
  /// them a control.
  address destination;
  /// SOCKS4's USERID, unchecked: not a proof of anything, and to be sanitised before it is shown. Empty
  /// in SOCKS5.
  std::string user_id;

  friend bool operator==(const request&, const request&) = default;
};

}  // namespace tunnel::socks
