#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "support/engines.hpp"
#include "support/origin.hpp"
#include "support/socks_client.hpp"
#include "support/ssh_server.hpp"
#include "support/temp_directory.hpp"
#include "support/tunnel_process.hpp"

namespace tunnel::integration {

/// What a scenario runs with.
struct setting {
  std::string engine;
  server_kind server;
};

/// "libssh2_openssh".
std::ostream& operator<<(std::ostream& out, const setting& shown);

/// The same, for the name of a test.
std::string name_of_test(const testing::TestParamInfo<setting>& info);

/// Every engine with each of the daemons, OpenSSH and Dropbear.
std::vector<setting> every_daemon();
/// Every engine with the daemons and with the servers made with libraries.
std::vector<setting> every_server();
/// Every engine with OpenSSH, for what does not depend on the server.
std::vector<setting> openssh_only();
/// The native engine with OpenSSH, for what the other cannot.
std::vector<setting> native_only();

/// A server and a tunnel to it, started when asked for, whose logs are shown when the test fails.
class stage : public testing::Test {
 protected:
  explicit stage(setting with);
  ~stage() override;

  ssh_server& start_server(server_settings settings = {});

  /// Starts the server too if there is none. Does not wait.
  tunnel_process& launch_tunnel(tunnel_settings settings = {});
  /// Starts it and waits until it is ready.
  tunnel_process& start_tunnel(tunnel_settings settings = {});
  /// One that logs in elsewhere than on the scenario's own server.
  tunnel_process& launch_tunnel_to(std::uint16_t ssh_port, const std::string& user, tunnel_settings settings);

  ssh_server& server() { return *server_; }
  tunnel_process& tunnel() { return *tunnel_; }
  const temp_directory& files() { return files_; }
  /// Of the tunnel's first listener.
  std::uint16_t port() { return tunnel_->port(); }
  const std::string& engine() { return setting_.engine; }
  server_kind kind_of_server() { return setting_.server; }

 private:
  setting setting_;
  temp_directory files_;
  std::unique_ptr<ssh_server> server_;
  std::optional<tunnel_process> tunnel_;
};

/// A stage for each setting that TUNNEL_RUN_SCENARIO names.
class scenario : public stage, public testing::WithParamInterface<setting> {
 protected:
  scenario() : stage(GetParam()) {}
};

}  // namespace tunnel::integration

/// Runs the scenario's tests with each of the settings that `settings()` lists.
#define TUNNEL_RUN_SCENARIO(fixture, settings)                                            \
  INSTANTIATE_TEST_SUITE_P(, fixture, testing::ValuesIn(tunnel::integration::settings()), \
                           tunnel::integration::name_of_test)
