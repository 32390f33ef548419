#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aio/asio.hpp"
#include "aio/byte_stream.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/connection.hpp"
#include "ssh/userauth.hpp"

namespace tunnel::ssh {

/// A server's public key.
struct host_key {
  /// "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", ...
  std::string type;
  /// As sent in the key exchange (RFC 4253 section 6.6).
  octets blob;
  /// Where it came from, where the connection goes straight to the server.
  std::optional<asio::ip::address> address = {};
};

/// Decides whether the server is who it should be. Asked after the key exchange proved that the server has
/// the key, before anything else is sent. May block its thread to ask the user.
class host_key_verifier {
 public:
  host_key_verifier() = default;
  host_key_verifier(const host_key_verifier&) = delete;
  host_key_verifier& operator=(const host_key_verifier&) = delete;

  /// Errors: errc::host_key_refused, with the sentence to show.
  virtual result<void> verify(const host_key& key) = 0;

  /// Key types to ask for first: those that are already known for this host.
  [[nodiscard]] virtual std::vector<std::string> known_types() const = 0;

  /// The server says that these are its host keys, all that it has (hostkeys-00@openssh.com, OpenSSH's
  /// PROTOCOL section 2.5). It has proved to have none but the one that was verified. Gives those that it is
  /// to prove before update() is called, which may be none; nothing: no update is wanted.
  ///
  /// Called when the user is authenticated, on the connection's thread, by engines that can have keys proved.
  virtual std::optional<std::vector<octets>> unproved(std::span<const octets> offered) {
    static_cast<void>(offered);
    return std::nullopt;
  }
  /// The server has proved to have those that unproved() gave for this offer.
  virtual void update(std::span<const octets> offered) { static_cast<void>(offered); }

 protected:
  ~host_key_verifier() = default;
};

/// Carries out an authentication with what an engine offers.
class authenticator {
 public:
  authenticator() = default;
  authenticator(const authenticator&) = delete;
  authenticator& operator=(const authenticator&) = delete;

  /// Errors: errc::authentication_failed with the list of what was tried; the engine's own.
  virtual awaitable<result<void>> authenticate(userauth& methods) = 0;

 protected:
  ~authenticator() = default;
};

/// An implementation of the SSH transport, authentication and connection protocols.
class engine {
 public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  /// The value of --engine.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// Runs version exchange, key exchange, host-key check and authentication as `user` over `stream`.
  ///
  /// The connection lives on the stream's executor, which must be the caller's. `handshake_limit` bounds what
  /// depends on the server alone, up to the host-key check; what follows may wait for the user. `keys` must
  /// outlive the connection, `methods` the call.
  /// Errors: errc::handshake_failed, errc::host_key_refused, errc::authentication_failed,
  ///   errc::connection_lost, each with a sentence.
  virtual awaitable<result<std::shared_ptr<connection>>> connect(
      std::unique_ptr<aio::byte_stream> stream, std::string user,
      std::chrono::steady_clock::duration handshake_limit, host_key_verifier& keys,
      authenticator& methods) = 0;
};

}  // namespace tunnel::ssh
