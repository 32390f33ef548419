#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"

/// The agent's protocol (draft-miller-ssh-agent), without input or output.
namespace tunnel::ssh::keys {

/// Policy: the longest message taken from an agent, as OpenSSH's.
inline constexpr std::size_t max_agent_message = std::size_t{256} * 1024;
/// Policy: as OpenSSH's MAX_AGENT_IDENTITIES.
inline constexpr std::size_t max_agent_identities = 2048;

struct agent_identity {
  octets public_blob;
  /// As it came.
  std::string comment;
};

// Requests, each a whole frame.

octets encode_request_identities();
/// What an agent is to heed with a key that it is given.
struct key_constraints {
  /// Zero: until the agent ends.
  std::chrono::seconds lifetime{0};
  /// Each use is to be confirmed.
  bool confirm = false;
};

/// Gives the agent a key. `secret_blob` is private_key::secret_blob(). To be wiped by the caller.
octets encode_add_identity(octet_view secret_blob, std::string_view comment,
                           const key_constraints& constraints);
/// Tells the agent which server the connection goes to, for keys that are to be used with some servers alone
/// (session-bind@openssh.com, OpenSSH's PROTOCOL.agent section 1): `signature` is the host key's over the
/// session identifier, from the key exchange.
octets encode_session_bind(octet_view host_key, octet_view session_identifier, octet_view signature);
octets encode_sign_request(octet_view public_blob, octet_view data, std::uint32_t flags);

/// SSH_AGENT_RSA_SHA2_256 and _512 for the RSA algorithms of RFC 8332; zero for others.
std::uint32_t agent_flags(std::string_view algorithm);

/// The length of the message behind the four octets in front of it. Errors: errc::malformed when there can be
/// no such message.
result<std::size_t> agent_message_length(octet_view field);

// Answers, without their lengths. Errors: errc::malformed; errc::unsupported when the agent refuses.

result<std::vector<agent_identity>> parse_identities_answer(octet_view message);
/// That what was asked for is done.
result<void> parse_success(octet_view message);
/// The signature as SSH writes it.
result<octets> parse_sign_response(octet_view message);

}  // namespace tunnel::ssh::keys
