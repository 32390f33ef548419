#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "config/known_hosts_update.hpp"
#include "config/settings.hpp"
#include "ssh/engine.hpp"
#include "ssh/keys/certificate.hpp"
#include "ssh/prompt.hpp"

namespace tunnel::ssh {

/// known_hosts and StrictHostKeyChecking, with ssh's meaning, but that a changed key is refused whatever
/// StrictHostKeyChecking says: ssh goes on then with forwarding switched off, which is all that we do.
///
/// KnownHostsCommand is asked beside the files, with no shell between. What RevokedHostKeys names is refused
/// whatever known_hosts says, and so is every key when that file cannot be read. With
/// NoHostAuthenticationForLocalhost any key is taken that comes straight from a loopback address, unless
/// HostKeyAlias is set. RSA keys below RequiredRSASize are refused.
///
/// A host certificate counts if known_hosts marks its authority with @cert-authority for the host. One that
/// does not count stands for nothing, and the key in it is looked at like any other, as in ssh.
///
/// CheckHostIP: the address that the key comes from, unless it is a loopback address, is looked up too, and
/// added; a key that is not the address's is warned of, and with StrictHostKeyChecking refused or asked
/// about.
///
/// UpdateHostKeys: known_hosts follows what the server offers and proves, if the key that was verified stands
/// in a file of the user's, or the user has just accepted it, and no line for the host was arranged by hand.
/// A question about that is asked on a thread of its own, and once. Its prompter must have been cancelled, or
/// have nobody to ask, when this goes.
///
/// The first accepted key is pinned: a later connection may have another only if known_hosts says so.
/// Safe to use from several threads.
class host_key_policy final : public host_key_verifier {
 public:
  using wall_clock = std::function<std::chrono::system_clock::time_point()>;

  /// `options` and `questions` must outlive it. `now` is for the certificates' dates.
  host_key_policy(const config::settings& options, prompter& questions,
                  wall_clock now = std::chrono::system_clock::now);

  result<void> verify(const host_key& key) override;
  [[nodiscard]] std::vector<std::string> known_types() const override;
  std::optional<std::vector<octets>> unproved(std::span<const octets> offered) override;
  void update(std::span<const octets> offered) override;

 private:
  result<void> judge_shown(const host_key& key);
  result<void> judge_certificate(const host_key& key);
  [[nodiscard]] bool is_exempt(const host_key& key) const;
  [[nodiscard]] result<void> refuse_revoked(const host_key& key) const;
  [[nodiscard]] result<void> refuse_small(const host_key& key) const;
  [[nodiscard]] result<std::optional<std::string>> doubt(const keys::certificate& shown) const;
  [[nodiscard]] std::optional<std::string> doubt_terms(const keys::certificate& shown) const;
  result<void> judge_key(const host_key& key);
  result<void> judge(const host_key& key);
  result<void> judge_unknown(const host_key& key);
  [[nodiscard]] bool user_accepts(const host_key& key);
  result<void> judge_address(const host_key& key, config::host_key_status of_name);
  [[nodiscard]] bool user_goes_on(const std::string& warning);
  [[nodiscard]] bool says_yes(std::string question, const std::string& also = {});
  [[nodiscard]] std::string address_name(const host_key& key) const;
  [[nodiscard]] config::host_name_form name_form() const;
  void remember(const host_key& key);
  void remember_address(const host_key& key) const;
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::optional<config::offered_keys> sort(std::span<const octets> offered) const;
  [[nodiscard]] std::optional<config::host_key_changes> due_changes(const config::offered_keys& keys) const;
  [[nodiscard]] std::string question_about(const config::host_key_changes& changes) const;
  void write_changes(const config::offered_keys& keys, const config::host_key_changes& changes,
                     const std::vector<std::string>& names) const;

  const config::settings& options_;
  prompter& questions_;
  wall_clock now_;
  // The name to look up and its port: HostKeyAlias stands for both.
  std::string name_;
  std::uint16_t port_;
  std::vector<std::string> files_;
  // What KnownHostsCommand wrote about the key that is looked at.
  std::string further_;
  // The address's name in known_hosts, where it is to be looked at.
  std::string address_name_;
  std::mutex mutex_;
  octets pinned_;
  // The key that was verified last, if it is a reason to believe the server about its others.
  octets trusted_;
  std::atomic<bool> asking_ = false;
  std::atomic<bool> declined_ = false;
  // Asks about changes. Below what it uses.
  std::jthread asker_;
};

}  // namespace tunnel::ssh
