#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/native/core/algorithms.hpp"

namespace tunnel::ssh::native {

/// SSH_MSG_KEXINIT (RFC 4253 section 7.1).
struct kexinit {
  std::array<octet, 16> cookie{};
  std::vector<std::string> kex;
  std::vector<std::string> host_key;
  std::vector<std::string> cipher_client_to_server;
  std::vector<std::string> cipher_server_to_client;
  std::vector<std::string> mac_client_to_server;
  std::vector<std::string> mac_server_to_client;
  std::vector<std::string> compression_client_to_server;
  std::vector<std::string> compression_server_to_client;
  bool first_kex_packet_follows = false;

  /// Whether the key exchange list has such a name: an algorithm's, or a flag's that is put there.
  [[nodiscard]] bool lists(std::string_view name) const;
};

/// What a client offers. `initial`: the exchange that opens the connection, where the flags for RFC 8308 and
/// for strict key exchange are raised; later they would mean nothing.
kexinit offer(const algorithm_preferences& preferences, const std::array<octet, 16>& cookie, bool initial);

octets encode(const kexinit& message);

/// The message, its number included. Errors: protocol_error when it is malformed.
result<kexinit> parse_kexinit(octet_view payload);

/// What both sides come to (RFC 4253 section 7.1).
struct agreement {
  std::string kex;
  std::string host_key;
  std::string cipher_out;
  std::string cipher_in;
  /// Empty with an AEAD cipher.
  std::string mac_out;
  std::string mac_in;
  /// The server sent the first packet of another exchange ahead: it is to be passed over.
  bool guess_was_wrong = false;
};

/// Errors: key_exchange_failed, with both offers.
result<agreement> negotiate(const kexinit& client, const kexinit& server);

/// draft-miller-sshm-strict-kex.
inline constexpr std::string_view strict_client = "kex-strict-c-v00@openssh.com";
inline constexpr std::string_view strict_server = "kex-strict-s-v00@openssh.com";
/// RFC 8308 section 2.1.
inline constexpr std::string_view ext_info_client = "ext-info-c";

}  // namespace tunnel::ssh::native
