#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "ssh/native/core/key_exchange.hpp"

namespace tunnel::ssh::native::support {

/// What the server ends a key exchange with, before it is one payload, so that a test can get it wrong.
struct kex_reply {
  octets host_key;
  /// With its length before it, as it is on the wire.
  octets public_value;
  octets signature;
  /// Behind it all; nothing belongs there.
  octets more = {};
};

/// What a server proves its host key with.
struct host_proof {
  /// K_S.
  octets blob;
  /// Signs H.
  std::function<octets(octet_view)> sign;
  /// Changes the reply after H was computed and signed.
  std::function<void(kex_reply&)> alter;
};

/// The server's side of one key exchange.
class peer_exchange {
 public:
  peer_exchange() = default;
  peer_exchange(const peer_exchange&) = delete;
  peer_exchange& operator=(const peer_exchange&) = delete;
  virtual ~peer_exchange() = default;

  /// The payload that answers a message with a number of 30 to 49. Throws when the client is wrong.
  virtual octets answer(octet_view payload) = 0;

  /// Once it is over.
  std::optional<exchange_outcome> outcome;
};

/// The method of the name, of peer_kex_algorithms().
std::unique_ptr<peer_exchange> make_peer_exchange(std::string_view name, exchange_context context,
                                                  host_proof proof);

/// All that the core has, but for ML-KEM, whose server does something else than its client.
std::vector<std::string_view> peer_kex_algorithms();

}  // namespace tunnel::ssh::native::support
