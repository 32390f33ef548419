#pragma once

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
octets encode_sign_request(octet_view public_blob, octet_view data, std::uint32_t flags);

/// SSH_AGENT_RSA_SHA2_256 and _512 for the RSA algorithms of RFC 8332; zero for others.
std::uint32_t agent_flags(std::string_view algorithm);

/// The length of the message behind the four octets in front of it. Errors: errc::malformed when there can be
/// no such message.
result<std::size_t> agent_message_length(octet_view field);

// Answers, without their lengths. Errors: errc::malformed; errc::unsupported when the agent refuses.

result<std::vector<agent_identity>> parse_identities_answer(octet_view message);
/// The signature as SSH writes it.
result<octets> parse_sign_response(octet_view message);

}  // namespace tunnel::ssh::keys
