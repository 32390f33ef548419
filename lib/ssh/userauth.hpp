#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "base/secret.hpp"
#include "ssh/prompt.hpp"

namespace tunnel::ssh {

/// A key pair that the user could prove to have.
struct identity {
  enum class origin { file, agent };

  origin source = origin::file;
  /// What to call it in messages: the file's path, or the agent's comment (sanitised).
  std::string label;
  /// Of the private key; empty for an agent's.
  std::string path;
  /// "ssh-ed25519" and the like; empty when only the private key, still encrypted, would tell.
  std::string type;
  /// The public key (RFC 4253 section 6.6), or the certificate for it; empty when not known yet.
  octets public_blob;
  /// For a certificate that the agent does not hold, but whose key it does: that key, which signs. Else
  /// empty.
  octets agent_blob = {};
};

/// The server's answer to one SSH_MSG_USERAUTH_REQUEST (RFC 4252 section 5.1).
struct auth_reply {
  enum class verdict {
    success,
    /// This step was right and more are wanted; `methods` has them.
    partial_success,
    refused,
    /// Never sent: the key or the answers could not be had. `reason` says why.
    not_tried,
  };

  verdict outcome = verdict::refused;
  /// The methods that can continue; empty when the engine cannot tell.
  std::vector<std::string> methods;
  std::string reason;
};

/// One question of a keyboard-interactive round (RFC 4256 section 3.2), unsanitised.
struct kbdint_prompt {
  std::string text;
  echo shown = echo::off;
};

/// Answers a round: one answer for each prompt, or nothing to give the method up.
using kbdint_responder = std::function<std::optional<std::vector<secret>>(
    const std::string& name, const std::string& instruction, const std::vector<kbdint_prompt>& prompts)>;

/// Asked for a key's passphrase when the server accepts the key, again and again while the answers are wrong;
/// nothing to give the key up. `wrong` says that the answer before was not it.
using passphrase_source = std::function<std::optional<secret>(bool wrong)>;

/// What an engine offers between the host key's acceptance and the first channel (RFC 4252).
///
/// Errors of every member: errc::connection_lost and other ends of the connection. A refusal is no error.
/// Thread: the connection's; the callbacks are called on it and may block it (nothing else lives there yet).
class userauth {
 public:
  userauth() = default;
  userauth(const userauth&) = delete;
  userauth& operator=(const userauth&) = delete;

  /// Whether publickey() takes a certificate with the file of its private key.
  [[nodiscard]] virtual bool takes_certificates() const = 0;

  virtual awaitable<result<auth_reply>> none() = 0;
  virtual awaitable<result<auth_reply>> publickey(identity key, passphrase_source passphrase) = 0;
  virtual awaitable<result<auth_reply>> password(secret value) = 0;
  virtual awaitable<result<auth_reply>> keyboard_interactive(kbdint_responder responder) = 0;

  /// The keys of the agent at `socket_path`; none when there is no agent there.
  virtual awaitable<std::vector<identity>> agent_identities(std::string socket_path) = 0;

 protected:
  ~userauth() = default;
};

}  // namespace tunnel::ssh
