#pragma once

#include "support/ssh_server.hpp"

namespace tunnel::integration {

/// Dropbear. It looks for authorized_keys below the home directory of the account and nowhere else, so it
/// runs in a mount namespace where a directory of ours stands in place of that home.
class dropbear : public ssh_server {
 public:
  explicit dropbear(server_settings settings) : ssh_server(std::move(settings)) {}

 protected:
  std::string prepare() override;
  [[nodiscard]] command start_command() const override;
};

}  // namespace tunnel::integration
