#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ssh/userauth.hpp"

namespace tunnel::support {

/// A server's side of an authentication. Each request is written down as a line, and the test's function
/// answers it:
///
///   none
///   publickey <label>
///   password <value>
///   keyboard-interactive <answers, with commas>
class scripted_userauth final : public ssh::userauth {
 public:
  using server = std::function<result<ssh::auth_reply>(const std::string& request)>;

  struct round {
    std::string name;
    std::string instruction;
    std::vector<ssh::kbdint_prompt> prompts;
  };

  explicit scripted_userauth(server answers) : answers_(std::move(answers)) {}

  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }

  std::vector<ssh::identity> agent;
  /// What each keyboard-interactive attempt asks.
  std::vector<round> rounds;
  /// By label: keys whose private part is encrypted.
  std::map<std::string, std::string> passphrases;

  bool certificates = false;

  [[nodiscard]] bool takes_certificates() const override { return certificates; }
  awaitable<result<ssh::auth_reply>> none() override;
  awaitable<result<ssh::auth_reply>> publickey(ssh::identity key, ssh::passphrase_source passphrase) override;
  awaitable<result<ssh::auth_reply>> password(secret value) override;
  awaitable<result<ssh::auth_reply>> keyboard_interactive(ssh::kbdint_responder responder) override;
  awaitable<std::vector<ssh::identity>> agent_identities(std::string socket_path) override;

 private:
  result<ssh::auth_reply> answer(const std::string& request);

  server answers_;
  std::vector<std::string> requests_;
};

}  // namespace tunnel::support
