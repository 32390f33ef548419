#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "config/key_file.hpp"
#include "config/settings.hpp"
#include "ssh/engine.hpp"
#include "ssh/prompt.hpp"
#include "ssh/userauth.hpp"

namespace tunnel::ssh {

/// Secrets that worked, kept for the connections that follow the first: further ones beside it, and those
/// that replace a lost one. Safe to use from several threads.
class remembered_secrets {
 public:
  /// `what` names the secret: a prompt, or a key's path.
  std::optional<secret> recall(const std::string& what) const;
  void keep(const std::string& what, const secret& value);
  void forget(const std::string& what);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, secret> values_;
};

/// Authenticates one connection in ssh's order: public keys (those of IdentityFile that the agent holds, its
/// other keys, then files), keyboard-interactive, password, or as PreferredAuthentications says.
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
  step try_password(userauth& methods);
  step try_keyboard_interactive(userauth& methods);

  awaitable<std::vector<identity>> gather_keys(userauth& methods);
  std::vector<identity> usable_files();
  void add_certificates(std::vector<identity>& files);
  void add_named_certificates(std::vector<identity>& files);
  passphrase_source passphrase_for(const identity& key);
  std::optional<std::vector<secret>> answer(const std::string& name, const std::string& instruction,
                                            const std::vector<kbdint_prompt>& prompts, bool may_recall);
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
};

}  // namespace tunnel::ssh
