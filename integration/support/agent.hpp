#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/ssh_key.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

/// OpenSSH's ssh-agent, empty at first.
class agent {
 public:
  /// Throws when it does not come up.
  agent();

  /// Adds the key, and the certificate beside it if there is one. `options`: of ssh-add. Throws
  /// std::runtime_error.
  void add(const ssh_key& key, const std::vector<std::string>& options = {}) const;

  /// Says nothing of its keys until it is unlocked. Throw std::runtime_error.
  void lock(const std::string& password) const { ask_with("-x", password); }
  void unlock(const std::string& password) const { ask_with("-X", password); }

  /// What a program needs to find it.
  [[nodiscard]] std::map<std::string, std::string> environment() const;

 private:
  void ask_with(const std::string& option, const std::string& password) const;
  [[nodiscard]] std::string socket() const { return (directory_ / "agent").string(); }

  temp_directory directory_;
  process process_;
};

}  // namespace tunnel::integration
