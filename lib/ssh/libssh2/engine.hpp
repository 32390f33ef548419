#pragma once

#include "ssh/engine.hpp"

namespace tunnel::ssh::libssh2 {

/// The engine on the distribution's libssh2 (written for 1.10, Debian 12's).
///
/// What libssh2 cannot do, and so neither can this: more than one open in flight per connection; the
/// server's description of a refused channel; who connected to a remote listener; a command of which the
/// server does not say how it ended, which looks as if it ended well; hostkeys-00@openssh.com; RSA signatures
/// by SHA-2, AEAD ciphers, encrypt-then-MAC and strict key exchange (before 1.11). Its RSA host keys are
/// verified by SHA-1 signatures, so they come last.
class engine final : public ssh::engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "libssh2"; }
  awaitable<result<std::shared_ptr<ssh::connection>>> connect(
      std::unique_ptr<aio::byte_stream> stream, std::string user,
      std::chrono::steady_clock::duration handshake_limit, host_key_verifier& keys,
      authenticator& methods) override;
};

/// The version of the library that runs, "1.10.0".
std::string library_version();

}  // namespace tunnel::ssh::libssh2
