#pragma once

#include "support/ssh_server.hpp"

namespace tunnel::integration {

/// OpenSSH's sshd in the foreground, with a configuration of its own.
class openssh : public ssh_server {
 public:
  explicit openssh(server_settings settings) : ssh_server(std::move(settings)) {}

 protected:
  std::string prepare() override;
  [[nodiscard]] command start_command() const override;
};

}  // namespace tunnel::integration
