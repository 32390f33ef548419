#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "support/process.hpp"
#include "support/ssh_key.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

/// An SSH server (asyncssh) on 127.0.0.1 that lets `user` in with `password`, asked for by one method.
class password_server {
 public:
  static constexpr const char* user = "tester";
  static constexpr const char* password = "correct horse";

  /// `method` is "password" or "keyboard-interactive". Throws when it does not come up.
  explicit password_server(const std::string& method);

  /// Ends it with its connections, and starts it at the same port.
  void restart();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::filesystem::path known_hosts() const { return directory_ / "known_hosts"; }

 private:
  void start();

  std::string method_;
  temp_directory directory_;
  ssh_key host_key_;
  std::optional<process> process_;
  std::uint16_t port_ = 0;
};

}  // namespace tunnel::integration
