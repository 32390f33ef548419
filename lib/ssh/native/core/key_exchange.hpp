#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "crypto/digest.hpp"
#include "crypto/key_agreement.hpp"
#include "crypto/secret_octets.hpp"

namespace tunnel::ssh::native {

/// What goes into every exchange hash (RFC 4253 section 8): the identification strings without CR LF and the
/// payloads of both SSH_MSG_KEXINITs.
struct exchange_context {
  std::string client_identification;
  std::string server_identification;
  octets client_kexinit;
  octets server_kexinit;
};

/// What a key exchange ends with. That the server has the key is not checked yet.
struct exchange_outcome {
  crypto::digest_algorithm hash;
  /// H.
  octets exchange_hash;
  /// K as it is hashed: an mpint, or a string for hybrid methods.
  crypto::secret_octets shared_secret;
  /// K_S.
  octets host_key;
  /// Of H.
  octets signature;
};

/// The client's side of one key exchange method. Sans-I/O: it says which message to send next.
class key_exchange {
 public:
  key_exchange() = default;
  key_exchange(const key_exchange&) = delete;
  key_exchange& operator=(const key_exchange&) = delete;
  virtual ~key_exchange() = default;

  /// The payload to begin with.
  virtual octets begin() = 0;

  /// Takes a message with a number of 30 to 49. `reply` is filled when another message is to be sent.
  /// Returns the outcome when this was the last one.
  /// Errors: protocol_error for a message that does not belong here; key_exchange_failed for values that the
  ///   method's RFC forbids.
  virtual result<std::optional<exchange_outcome>> on_message(octet_view payload, octets& reply) = 0;
};

/// `name` as in kex_algorithms().
std::unique_ptr<key_exchange> make_key_exchange(std::string_view name, exchange_context context);

}  // namespace tunnel::ssh::native
