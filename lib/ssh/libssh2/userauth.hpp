#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ssh/libssh2/transport.hpp"
#include "ssh/userauth.hpp"

namespace tunnel::ssh::libssh2 {

/// RFC 4252 and RFC 4256 by libssh2, for one user on one session.
///
/// libssh2 drops the list of methods that comes with a refusal, so it is asked for anew (method "none")
/// where it decides something: after a signature that was refused, which may have been a partial success.
class userauth final : public ssh::userauth {
 public:
  userauth(transport& link, std::string user);

  [[nodiscard]] bool takes_certificates() const override { return false; }
  awaitable<result<auth_reply>> none() override;
  awaitable<result<auth_reply>> publickey(identity key, passphrase_source passphrase) override;
  awaitable<result<auth_reply>> password(secret value) override;
  awaitable<result<auth_reply>> keyboard_interactive(kbdint_responder responder) override;
  awaitable<std::vector<identity>> agent_identities(std::string socket_path) override;

 private:
  struct agent_closer {
    void operator()(LIBSSH2_AGENT* agent) const;
  };

  awaitable<result<auth_reply>> with_agent(const identity& key);
  awaitable<result<auth_reply>> with_file(identity key, passphrase_source passphrase);
  awaitable<int> offer_file(const identity& key, const secret& content, const secret& passphrase);
  awaitable<result<auth_reply>> settle(int status, const identity* key);
  [[nodiscard]] error lost(int status) const;

  transport& link_;
  std::string user_;
  std::vector<std::string> methods_;
  std::unique_ptr<LIBSSH2_AGENT, agent_closer> agent_;
};

}  // namespace tunnel::ssh::libssh2
