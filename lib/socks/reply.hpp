#pragma once

#include "base/octets.hpp"
#include "socks/address.hpp"
#include "socks/request.hpp"

namespace tunnel::socks {

/// REP (RFC 1928 section 6). The one vocabulary in which a front end decides; SOCKS4's follows from it.
enum class reply_code : octet {
  succeeded = 0x00,
  general_failure = 0x01,
  not_allowed_by_ruleset = 0x02,
  network_unreachable = 0x03,
  host_unreachable = 0x04,
  connection_refused = 0x05,
  ttl_expired = 0x06,
  command_not_supported = 0x07,
  address_type_not_supported = 0x08,
};

/// CD of a SOCKS4 reply.
enum class socks4_reply_code : octet {
  request_granted = 0x5a,
  request_rejected = 0x5b,
  identd_unreachable = 0x5c,
  user_id_mismatch = 0x5d,
};

/// request_granted for success and request_rejected for every failure: the other two are about identd,
/// which is never asked.
socks4_reply_code to_socks4(reply_code code);

/// The octets of a reply, in the version of the request that it answers.
///
/// `bound` is BND.ADDR and BND.PORT; leave it out in failures. A SOCKS4 reply has room for an IPv4 address
/// only: with another kind it carries 0.0.0.0 and the port.
octets encode_reply(version to, reply_code code, const address& bound = {});

/// The METHOD selection message (RFC 1928 section 3).
octets encode_method_selection(method chosen);

}  // namespace tunnel::socks
