#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aio/byte_stream.hpp"
#include "aio/socket_choices.hpp"
#include "base/error.hpp"

namespace tunnel::aio {

/// Which addresses of a name to try (ssh's AddressFamily, -4 and -6).
enum class address_family { any, inet, inet6 };

/// Where to connect to and for how long to try.
struct dial_target {
  std::string host;
  std::uint16_t port = 0;
  address_family family = address_family::any;
  /// For each address of the name, as ssh's ConnectTimeout.
  std::chrono::steady_clock::duration timeout{};
  /// Data that stays unacknowledged this long ends the connection (TCP_USER_TIMEOUT). Zero: the
  /// system's own patience, which is about a quarter of an hour.
  std::chrono::milliseconds unacknowledged_limit{};
  socket_choices socket = {};
};

/// The target's addresses, at least one: `host` itself, or what the system's resolver has for it.
///
/// Errors: one sentence naming the host. Thread: the caller's executor. Cancellation: through the awaitable's
/// slot, but a look-up that is under way goes on by itself.
awaitable<result<std::vector<tcp::endpoint>>> look_up(dial_target target);

/// Looks `host` up with the system's resolver and connects to the first of its addresses that answers
/// (connect_race()).
///
/// Errors: one sentence naming host, port and the last address's reason. Thread: the caller's executor.
/// Cancellation: through the awaitable's slot; nothing is left open.
awaitable<result<std::unique_ptr<byte_stream>>> dial(dial_target target);

}  // namespace tunnel::aio
