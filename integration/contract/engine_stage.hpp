#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "contract/channel_user.hpp"
#include "ssh/connection.hpp"
#include "ssh/engine.hpp"
#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/origin.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {

using support::started;

/// Notes the key that it is asked about, and trusts it unless told otherwise.
class scripted_verifier final : public ssh::host_key_verifier {
 public:
  result<void> verify(const ssh::host_key& key) override;
  [[nodiscard]] std::vector<std::string> known_types() const override { return {}; }
  std::optional<std::vector<octets>> unproved(std::span<const octets> offered) override {
    return std::vector<octets>(offered.begin(), offered.end());
  }
  void update(std::span<const octets> offered) override { proved.assign(offered.begin(), offered.end()); }

  /// The server's host keys, once it has proved that it has them.
  std::vector<octets> proved;
  bool trusting = true;
  std::optional<ssh::host_key> asked;
};

/// Authenticates as the test's function says.
class scripted_authenticator final : public ssh::authenticator {
 public:
  using steps = std::function<awaitable<bool>(ssh::userauth& methods)>;

  explicit scripted_authenticator(steps taken) : steps_(std::move(taken)) {}
  awaitable<result<void>> authenticate(ssh::userauth& methods) override;

  bool asked = false;

 private:
  steps steps_;
};

/// The steps of one who has this private key.
scripted_authenticator::steps with_key(const std::filesystem::path& file);

/// Counts what a connection's observer is told.
class connection_log final : public ssh::connection_observer {
 public:
  void on_lost(const error& why) override;
  void on_open_settled() override { ++settled; }

  unsigned lost = 0;
  unsigned settled = 0;
  std::optional<error> reason;
};

/// An engine and a server with an event loop between them in the test's own thread. The server's log is shown
/// when the test fails.
class engine_stage : public testing::TestWithParam<setting> {
 protected:
  using channel_result = result<std::unique_ptr<ssh::channel>>;
  using connection_result = result<std::shared_ptr<ssh::connection>>;

  engine_stage();
  ~engine_stage() override;

  ssh_server& start_server(server_settings settings = {});
  ssh_server& server() { return *server_; }
  [[nodiscard]] bool is_native() const { return GetParam().engine == "native"; }
  [[nodiscard]] bool is_openssh() const { return GetParam().server == server_kind::openssh; }

  /// A connection as the user that the server lets in. Starts the server if there is none; throws when it
  /// cannot be had.
  std::shared_ptr<ssh::connection> connect();
  /// Begins one to any port.
  started<connection_result> begin(std::uint16_t port, std::string user, ssh::host_key_verifier& keys,
                                   ssh::authenticator& methods, milliseconds limit = patience);

  /// Begins to open a channel to a port of 127.0.0.1.
  started<channel_result> begin_open(ssh::connection& on, std::uint16_t port, milliseconds limit = patience);
  channel_result open(ssh::connection& on, std::uint16_t port, milliseconds limit = patience);
  /// An open channel in use; throws when there is none to be had.
  std::unique_ptr<channel_user> use(ssh::connection& on, std::uint16_t port);
  static std::unique_ptr<channel_user> use(channel_result opened);

  /// That the connection still does what it is for.
  bool echoes(ssh::connection& on);
  /// That the server gives a sign of life when it is asked for one.
  bool answers_probe(ssh::connection& on);

  /// The host keys that the server has proved to have to those that connect() without a verifier.
  [[nodiscard]] const std::vector<octets>& proved_host_keys() const { return trusting_.proved; }

  /// Runs the loop until `reached` is true. False: that did not happen in time.
  bool until(const std::function<bool()>& reached) { return support::run_until(context_, reached); }

  template <class T>
  T wait(awaitable<T> work) {
    started<T> running(context_, std::move(work));
    return std::move(running.wait());
  }

  asio::io_context& context() { return context_; }

 private:
  std::unique_ptr<ssh_server> server_;
  asio::io_context context_;
  std::unique_ptr<ssh::engine> engine_;
  scripted_verifier trusting_;
  // Closed at the end, so that nobody is told anything any more.
  std::vector<std::shared_ptr<ssh::connection>> connections_;
};

}  // namespace tunnel::integration
