#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "ssh/engine.hpp"
#include "ssh/prompt.hpp"

namespace tunnel::ssh {

/// known_hosts and StrictHostKeyChecking, with ssh's meaning, but that a changed key is refused whatever
/// StrictHostKeyChecking says: ssh goes on then with forwarding switched off, which is all that we do.
///
/// The first accepted key is pinned: a later connection may have another only if known_hosts says so.
/// Safe to use from several threads.
class host_key_policy final : public host_key_verifier {
 public:
  /// `options` and `questions` must outlive it.
  host_key_policy(const config::settings& options, prompter& questions);

  result<void> verify(const host_key& key) override;
  [[nodiscard]] std::vector<std::string> known_types() const override;

 private:
  result<void> judge(const host_key& key);
  result<void> judge_unknown(const host_key& key);
  [[nodiscard]] bool user_accepts(const host_key& key);
  void remember(const host_key& key);

  const config::settings& options_;
  prompter& questions_;
  // The name to look up and its port: HostKeyAlias stands for both.
  std::string name_;
  std::uint16_t port_;
  std::vector<std::string> files_;
  std::mutex mutex_;
  octets pinned_;
};

}  // namespace tunnel::ssh
