#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ssh/agent_client.hpp"
#include "ssh/keys/private_key.hpp"
#include "ssh/native/core/authentication_protocol.hpp"
#include "ssh/native/link.hpp"
#include "ssh/userauth.hpp"

namespace tunnel::ssh::native {

/// Authentication on a link whose host key was accepted.
class userauth final : public ssh::userauth {
 public:
  /// `carrier` must outlive it. `algorithms`: the signature algorithms that keys may be used with, in order
  /// of preference. `required_rsa_bits`: what RSA keys must have. `patience`: how long the server may take
  /// over an answer.
  userauth(link& carrier, std::string user, std::vector<std::string> algorithms,
           std::size_t required_rsa_bits, std::chrono::steady_clock::duration patience);

  [[nodiscard]] bool takes_certificates() const override { return true; }
  awaitable<result<auth_reply>> none() override;
  awaitable<result<auth_reply>> publickey(identity key, passphrase_source passphrase) override;
  awaitable<result<auth_reply>> password(secret value) override;
  awaitable<result<auth_reply>> keyboard_interactive(kbdint_responder responder) override;
  awaitable<std::vector<identity>> agent_identities(std::string socket_path) override;

 private:
  using event = authentication_protocol::event;

  awaitable<result<event>> next_event();
  awaitable<result<event>> read_event();
  awaitable<result<void>> ready();
  awaitable<result<auth_reply>> verdict();
  auth_reply judge(const event& answer) const;
  [[nodiscard]] error lost(const error& why) const;

  [[nodiscard]] std::string algorithm_for(std::string_view key_type) const;
  [[nodiscard]] std::string why_no_algorithm(std::string_view key_type) const;
  awaitable<result<octets>> agent_signature(identity key, std::string algorithm, octets data);
  /// Nothing: it cannot be used, for the reason in `why`.
  std::optional<keys::private_key> load(const identity& key, const passphrase_source& passphrase,
                                        std::string& why);

  link& link_;
  authentication_protocol protocol_;
  std::vector<std::string> algorithms_;
  std::size_t required_rsa_bits_;
  std::chrono::steady_clock::duration patience_;
  bool ready_ = false;
  std::optional<agent_client> agent_;
};

}  // namespace tunnel::ssh::native
