#pragma once

#include <chrono>
#include <utility>

#include "aio/dial.hpp"
#include "path/dialler.hpp"

namespace tunnel::path {

/// How TCP connections are made.
struct direct_settings {
  aio::address_family family = aio::address_family::any;
  /// For each address (ConnectTimeout).
  std::chrono::steady_clock::duration timeout{};
  /// Tries in all (ConnectionAttempts), a second apart. 0 counts as 1.
  unsigned attempts = 1;
  /// As in aio::dial_target.
  std::chrono::milliseconds unacknowledged_limit{};
  aio::socket_choices socket = {};
};

/// The first layer of most ways: TCP from this machine. Errors: as aio::dial().
class direct final : public dialler {
 public:
  explicit direct(direct_settings how) : how_(std::move(how)) {}
  awaitable<stream_result> dial(ssh::endpoint target, bool may_ask) override;

 private:
  direct_settings how_;
};

}  // namespace tunnel::path
