#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/keys/agent_protocol.hpp"
#include "ssh/keys/private_key.hpp"

namespace tunnel::ssh {

/// A connection to an SSH agent at a Unix socket. One request at a time. After one that had no answer, for
/// whatever reason, all fail.
///
/// Errors of its members: the system's; those of ssh/keys/agent_protocol.hpp, each with a sentence.
class agent_client {
 public:
  /// Policy: for connecting, and for listing keys. An agent that hangs must not hang the tunnel.
  static constexpr std::chrono::seconds patience{10};

  /// On the caller's executor. Fails at once when nobody takes connections at `path`; `limit` is for
  /// bind(), identities() and add().
  static awaitable<result<agent_client>> connect(std::string path,
                                                 std::chrono::steady_clock::duration limit = patience);

  /// Says which server is to be logged in to, as encode_session_bind() has it. An agent that does not know
  /// that refuses.
  awaitable<result<void>> bind(octets host_key, octets session_identifier, octets signature);

  awaitable<result<std::vector<keys::agent_identity>>> identities();

  /// Gives the agent a key, under this name.
  awaitable<result<void>> add(const keys::private_key& key, std::string comment,
                              keys::key_constraints constraints);

  /// A signature as SSH writes it (RFC 4253 section 6.6). Takes as long as the user needs to confirm or to
  /// touch. Cancellation: the agent's answer is not awaited any longer.
  awaitable<result<octets>> sign(octets public_blob, octets data, std::uint32_t flags);

 private:
  using socket_type = asio::local::stream_protocol::socket;

  agent_client(socket_type socket, std::chrono::steady_clock::duration limit)
      : socket_(std::move(socket)), limit_(limit) {}

  awaitable<result<octets>> ask(octets request);
  awaitable<result<void>> tell(octets request);

  socket_type socket_;
  std::chrono::steady_clock::duration limit_;
  /// Each request so far had its answer.
  bool in_step_ = true;
};

}  // namespace tunnel::ssh
