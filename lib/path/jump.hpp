#pragma once

#include <memory>
#include <string>

#include "config/settings.hpp"
#include "path/dialler.hpp"
#include "path/named_prompter.hpp"
#include "ssh/authentication.hpp"
#include "ssh/engine.hpp"
#include "ssh/host_key_policy.hpp"
#include "ssh/prompt.hpp"

namespace tunnel::path {

/// A jump host: what to log in with there. Its configuration is its own, and so are its host key, its user
/// and that user's keys.
struct hop {
  /// As the user named it.
  std::string name;
  config::settings settings;
  std::unique_ptr<ssh::engine> engine;
};

/// Reaches hosts through the SSH server of a jump host (ssh -J), with a connection of its own for each stream
/// and a direct-tcpip channel in it.
///
/// Errors: the engine's, and the channel's, behind "jump host 2 (name): ". So are the questions of its login.
class jump final : public dialler {
 public:
  /// `number`: from 1 for that which is reached first. `timeout`: for the SSH handshake, and again for the
  /// channel. `before` reaches the jump host; `questions` outlives this.
  jump(std::unique_ptr<dialler> before, hop at, unsigned number, std::chrono::steady_clock::duration timeout,
       ssh::prompter& questions, ssh::secret_keeping secrets = ssh::secret_keeping::kept);

  awaitable<stream_result> dial(ssh::endpoint target, bool may_ask) override;

 private:
  awaitable<result<std::shared_ptr<ssh::connection>>> log_in(bool may_ask);
  [[nodiscard]] error located(const error& why) const;
  [[nodiscard]] error not_reached(const ssh::endpoint& target, const error& why) const;

  std::unique_ptr<dialler> before_;
  hop at_;
  unsigned number_;
  // "jump host 2 (name)".
  std::string name_;
  std::chrono::steady_clock::duration timeout_;
  named_prompter questions_;
  ssh::host_key_policy host_keys_;
  ssh::remembered_secrets memory_;
};

}  // namespace tunnel::path
