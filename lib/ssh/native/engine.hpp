#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ssh/engine.hpp"
#include "ssh/native/core/algorithms.hpp"
#include "ssh/native/core/rekey_limits.hpp"

namespace tunnel::ssh::native {

/// SSH-2 of this project's own, on libcrypto.
class engine final : public ssh::engine {
 public:
  struct options {
    algorithm_preferences preferences = default_preferences();
    /// The user put the host key algorithms in this order; else those of known keys go first.
    bool host_keys_ordered = false;
    /// Signature algorithms that the user's keys may be used with, in order of preference.
    std::vector<std::string> user_key_algorithms = default_user_key_algorithms();
    /// RSA keys of the user's must have as many bits.
    std::size_t required_rsa_bits = 0;
    rekey_limits limits;
    /// Policy: how long the server may take over an answer during authentication. It may be waiting for a
    /// person with a telephone; sshd gives them two minutes for everything (LoginGraceTime).
    std::chrono::steady_clock::duration authentication_patience = std::chrono::minutes(2);
    /// What the server is told: "tunnel_1.0".
    std::string software;
  };

  explicit engine(options how) : how_(std::move(how)) {}

  [[nodiscard]] std::string_view name() const override { return "native"; }

  awaitable<result<std::shared_ptr<ssh::connection>>> connect(
      std::unique_ptr<aio::byte_stream> stream, std::string user,
      std::chrono::steady_clock::duration handshake_limit, host_key_verifier& keys,
      authenticator& methods) override;

 private:
  options how_;
};

}  // namespace tunnel::ssh::native
