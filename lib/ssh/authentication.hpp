#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "config/key_file.hpp"
#include "config/settings.hpp"
#include "ssh/engine.hpp"
#include "ssh/keys/private_key.hpp"
#include "ssh/prompt.hpp"
#include "ssh/remembered_secrets.hpp"
#include "ssh/userauth.hpp"

namespace tunnel::ssh {

/// Authenticates one connection in ssh's order: public keys (identity_plan.hpp), keyboard-interactive,
/// password, or as PreferredAuthentications says.
///
/// AddKeysToAgent: the key from a file that was accepted is then given to the agent. Passwords and
/// passphrases are remembered once they have worked, one-time codes never: what asks for several answers at
/// once, or for a code.
class user_authenticator final : public authenticator {
 public:
  /// `options`, `questions` and `memory` must outlive it. `may_ask`: without it only what is remembered, and
  /// needs nobody, is tried.
  user_authenticator(const config::settings& options, prompter& questions, remembered_secrets& memory,
                     bool may_ask);

  awaitable<result<void>> authenticate(userauth& methods) override;

 private:
  using step = awaitable<result<auth_reply>>;

  [[nodiscard]] std::string next_method(const std::vector<std::string>& allowed) const;
  step run(const std::string& method, userauth& methods);
  step try_keys(userauth& methods);
  awaitable<void> add_to_agent(const identity& key);
  [[nodiscard]] bool may_add_to_agent(const identity& key);
  result<keys::private_key> load_again(const identity& key);
  step try_password(userauth& methods);
  step try_keyboard_interactive(userauth& methods);

  awaitable<std::vector<identity>> gather_keys(userauth& methods);
  passphrase_source passphrase_for(const identity& key);
  std::optional<std::vector<secret>> answer(const std::string& name, const std::string& instruction,
                                            const std::vector<kbdint_prompt>& prompts, bool may_recall);
  [[nodiscard]] std::string as_servers(const std::string& line) const;
  void forget_answers();
  std::optional<secret> ask(const std::string& prompt, echo shown);
  void note(const std::string& what, const auth_reply& reply);
  [[nodiscard]] error ended(const error& why) const;
  [[nodiscard]] error denied(const std::vector<std::string>& allowed) const;

  const config::settings& options_;
  prompter& questions_;
  remembered_secrets& memory_;
  bool may_ask_;
  std::string account_;
  std::set<std::string> exhausted_;
  std::set<octets> offered_;
  // What was tried and how it ended, for the message when nothing worked.
  std::vector<std::string> attempts_;
  // Secrets given in this attempt, to be remembered if it succeeds.
  std::map<std::string, secret> given_;
  // The prompts of this keyboard-interactive attempt that asked for a password.
  std::vector<std::string> answered_;
  // Prompts that were answered with what is not to be remembered.
  std::vector<std::string> passing_;
  // A prompt that was answered for an earlier connection, and that nobody answers now.
  std::optional<std::string> awaited_;
};

}  // namespace tunnel::ssh
