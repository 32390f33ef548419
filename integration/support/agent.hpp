#pragma once

#include <map>
#include <string>

#include "support/process.hpp"
#include "support/ssh_key.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

/// OpenSSH's ssh-agent, empty at first.
class agent {
 public:
  /// Throws when it does not come up.
  agent();

  /// Adds the key, and the certificate beside it if there is one. Throws std::runtime_error.
  void add(const ssh_key& key) const;

  /// What a program needs to find it.
  [[nodiscard]] std::map<std::string, std::string> environment() const;

 private:
  [[nodiscard]] std::string socket() const { return (directory_ / "agent").string(); }

  temp_directory directory_;
  process process_;
};

}  // namespace tunnel::integration
