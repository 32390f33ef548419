#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/native/core/authentication_protocol.hpp"
#include "ssh/native/core/connection_protocol.hpp"
#include "ssh/native/core/transport.hpp"

namespace tunnel::fuzz {

/// The client of recordings: what it does depends on what comes from the server alone, random octets
/// included, so that a server's octets can be played to it again. It tries the ways to authenticate, of which
/// the key is the one to succeed, opens channels of all kinds, runs a command, listens, and closes what the
/// server closes.
class recorded_user {
 public:
  struct options {
    std::string user = "user";
    std::vector<std::string> kex;
    std::vector<std::string> cipher;
    /// Where a connection is forwarded to, which the server is to make.
    std::uint16_t target = 1;
  };

  /// Steps as userauth_reply_fuzz.cpp and connection_messages_fuzz.cpp read them: for a recorder.
  struct observer {
    std::function<void(octet action)> on_request = [](octet) {};
    std::function<void(octet choice, octet place)> on_action = [](octet, octet) {};
    std::function<void(octet_view payload)> on_payload = [](octet_view) {};
  };

  static options usual();

  explicit recorded_user(const options& how) : recorded_user(how, observer{}) {}
  recorded_user(const options& how, observer watching);
  recorded_user(const recorded_user&) = delete;
  recorded_user& operator=(const recorded_user&) = delete;
  ~recorded_user() = default;

  /// Takes what there is room for.
  void receive(octet_view data);
  ssh::native::transport& link() { return link_; }

  [[nodiscard]] const std::optional<error>& failure() const { return failure_; }
  [[nodiscard]] bool authenticated() const { return connection_.has_value(); }
  /// What there was to do is done.
  [[nodiscard]] bool finished() const;
  /// Where the server listens.
  [[nodiscard]] std::optional<std::uint32_t> listening_port() const { return port_; }

 private:
  using authentication = ssh::native::authentication_protocol;
  using connection = ssh::native::connection_protocol;
  using channel_id = ssh::native::channel_id;

  result<bool> step();
  result<void> take(const ssh::native::transport::received& message);
  void on_authentication(const authentication::event& told);
  void try_next(const std::vector<std::string>& methods);
  void on_authenticated();

  void act(octet choice, channel_id id);
  void on(const connection::opened& told);
  void on(const connection::open_failed& told);
  void on(const connection::data& told);
  void on(const connection::eof& told);
  void on(const connection::closed& told);
  void on(const connection::listening& told);
  void on(const connection::forwarded& told);
  void on(const connection::host_keys_proved& told);
  void on(const connection::pong& told);
  template <class Other>
  void on(const Other& /*told*/) {}

  observer watching_;
  ssh::native::time_point now_{};
  ssh::native::transport link_;
  std::string user_;
  std::uint16_t target_;
  std::deque<std::string> methods_{"none", "password", "keyboard-interactive", "publickey"};
  std::optional<authentication> authentication_;
  std::optional<connection> connection_;
  std::set<channel_id> channels_;
  channel_id session_ = 0;
  std::optional<std::uint32_t> port_;
  bool listens_ = false;
  bool pinged_ = false;
  std::optional<error> failure_;
};

}  // namespace tunnel::fuzz
