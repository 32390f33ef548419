#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "support/tcp.hpp"

/// A SOCKS client written apart from the project's own codec, so that one cannot hide the other's mistakes.
namespace tunnel::integration {

enum class socks_version { v4, v4a, v5 };

/// CMD of RFC 1928 §4; the first two are SOCKS4's CD too.
enum class socks_command : std::uint8_t { connect = 1, bind = 2, udp_associate = 3 };

struct target {
  std::string host;
  std::uint16_t port;
};

/// Method selection offering "no authentication required" (RFC 1928 §3).
std::string v5_greeting();

/// A request of RFC 1928 §4. An address literal travels as such, anything else as a domain name.
std::string v5_request(const target& where, socks_command what = socks_command::connect);

/// A SOCKS4 request; one for a host that is no IPv4 address literal is SOCKS4a's.
std::string v4_request(const target& where, socks_command what = socks_command::connect);

/// REP of RFC 1928 §6, or SOCKS4's CD.
enum class reply : std::uint8_t {
  succeeded = 0x00,
  general_failure = 0x01,
  not_allowed = 0x02,
  network_unreachable = 0x03,
  host_unreachable = 0x04,
  connection_refused = 0x05,
  ttl_expired = 0x06,
  command_not_supported = 0x07,
  address_type_not_supported = 0x08,
  v4_granted = 0x5a,
  v4_rejected = 0x5b,
};

/// "05".
std::ostream& operator<<(std::ostream& out, reply shown);

/// Reads the server's choice of method. Throws std::runtime_error if it is not "no authentication required".
void read_v5_method(const tcp_stream& proxy, milliseconds limit = patience);

/// Reads one whole reply, checking its form (version, RSV, BND.ADDR).
reply read_v5_reply(const tcp_stream& proxy, milliseconds limit = patience);
reply read_v4_reply(const tcp_stream& proxy, milliseconds limit = patience);

/// A reply with its BND.ADDR and BND.PORT.
struct bound_reply {
  reply code;
  target bound;
};
bound_reply read_bound_reply(const tcp_stream& proxy, socks_version version, milliseconds limit = patience);

/// A connection to the proxy on 127.0.0.1 over which a request was sent, and no reply read.
tcp_stream send_request(std::uint16_t proxy_port, socks_version version, const target& where,
                        socks_command what = socks_command::connect, milliseconds limit = patience);

/// A connection to the proxy on 127.0.0.1 and the reply that it gave to the request.
struct answered {
  tcp_stream stream;
  reply code;
};
answered ask(std::uint16_t proxy_port, socks_version version, const target& where,
             milliseconds limit = patience);

/// A connection through the proxy. Throws std::runtime_error when the proxy refuses.
tcp_stream connect_through(std::uint16_t proxy_port, const target& where,
                           socks_version version = socks_version::v5, milliseconds limit = patience);

/// Sends `text` to an echoing target and says whether it came back.
bool echoes(const tcp_stream& stream, std::string_view text, milliseconds limit = patience);

}  // namespace tunnel::integration
