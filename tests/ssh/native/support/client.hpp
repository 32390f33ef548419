#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "repeatable.hpp"
#include "ssh/native/core/authentication_protocol.hpp"
#include "ssh/native/core/connection_protocol.hpp"
#include "ssh/native/core/transport.hpp"

namespace tunnel::ssh::native::support {

/// The core as the engine's driver uses it, without its sockets: transport, then authentication, then the
/// connection protocol. What came of it is written down. After an error it says its farewell and looks at
/// nothing more.
class client {
 public:
  struct options {
    transport::options how = {.software = "Client", .preferences = default_preferences(), .limits = {}};
    /// Nobody asks for a service before a test does.
    bool authenticate = true;
    /// What SSH_MSG_SERVICE_ACCEPT is followed by.
    std::function<void(authentication_protocol&)> request = &authentication_protocol::request_none;
    bool accept_host_key = true;
    /// Reads what channels deliver at once, so that their windows open again.
    bool consume = true;
  };

  client() : client(options{}) {}
  explicit client(options how);
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client() = default;

  // --- the line ---

  void receive(octet_view data);
  [[nodiscard]] octet_view pending() const { return link_.pending(); }
  void sent(std::size_t count) { link_.sent(count); }

  // --- the protocols ---

  transport& link() { return link_; }
  authentication_protocol& authentication() { return authentication_.value(); }
  /// Once the user is authenticated.
  connection_protocol& connection() { return connection_.value(); }
  [[nodiscard]] bool authenticated() const { return connection_.has_value(); }
  [[nodiscard]] time_point now() const { return now_; }
  void pass(std::chrono::steady_clock::duration time) { now_ += time; }
  /// Looks at what has come, and at the time.
  void go_on();

  // --- what came of it ---

  [[nodiscard]] const std::optional<error>& failure() const { return failure_; }
  [[nodiscard]] const std::optional<transport::host_key_offered>& host_key() const { return host_key_; }
  [[nodiscard]] bool established() const { return established_; }
  [[nodiscard]] const std::vector<authentication_protocol::event>& authentication_events() const {
    return authentication_events_;
  }
  /// Views in `data` events are empty: delivered() has the octets.
  [[nodiscard]] const std::vector<connection_protocol::event>& events() const { return events_; }
  [[nodiscard]] const octets& delivered(channel_id id) { return delivered_[id]; }

  /// How many events of authentication or connection are of this kind.
  template <class Event>
  [[nodiscard]] std::size_t count() const {
    const auto is_one = [](const auto& each) {
      const auto same = [](const auto& kind) { return std::is_same_v<std::decay_t<decltype(kind)>, Event>; };
      return std::visit(same, each);
    };
    return static_cast<std::size_t>(std::ranges::count_if(events_, is_one) +
                                    std::ranges::count_if(authentication_events_, is_one));
  }

 private:
  result<bool> step();
  result<void> on_received(const transport::received& message);
  result<void> on_authentication_message(const transport::received& message);
  void on_connection_event(connection_protocol::event came);

  options how_;
  time_point now_{};
  transport link_;
  std::optional<authentication_protocol> authentication_;
  std::optional<connection_protocol> connection_;

  std::optional<error> failure_;
  std::optional<transport::host_key_offered> host_key_;
  bool established_ = false;
  std::vector<authentication_protocol::event> authentication_events_;
  std::vector<connection_protocol::event> events_;
  std::map<channel_id, octets> delivered_;
};

}  // namespace tunnel::ssh::native::support
