#pragma once

#include "support/ssh_server.hpp"

namespace tunnel::integration {

/// A server made with somebody's SSH library: one of the scripts in integration/servers.
class library_server : public ssh_server {
 public:
  /// `kind` is neither OpenSSH nor Dropbear.
  library_server(server_kind kind, server_settings settings) : ssh_server(std::move(settings)), kind_(kind) {}

 protected:
  std::string prepare() override;
  [[nodiscard]] command start_command() const override;

 private:
  [[nodiscard]] std::filesystem::path host_key_file() const;

  server_kind kind_;
};

}  // namespace tunnel::integration
