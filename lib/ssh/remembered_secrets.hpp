#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/locked_secret.hpp"
#include "base/secret.hpp"

namespace tunnel::ssh {

/// Whether secrets that worked are kept for further connections (--forget-secrets).
enum class secret_keeping { kept, forgotten };

/// Secrets that worked, for the connections that follow the first: further ones beside it, and those that
/// replace a lost one. In locked memory. Safe to use from several threads.
class remembered_secrets {
 public:
  explicit remembered_secrets(secret_keeping how = secret_keeping::kept) : how_(how) {}

  /// `what` names the secret: a prompt, or a key's path.
  std::optional<secret> recall(const std::string& what) const;
  void keep(const std::string& what, const secret& value);
  /// The question was answered, and the answer is none to be kept.
  void note(const std::string& what);
  void forget(const std::string& what);

  /// Whether the last that is known of the question is an answer that worked, kept or not.
  [[nodiscard]] bool was_answered(const std::string& what) const;

 private:
  secret_keeping how_;
  mutable std::mutex mutex_;
  std::map<std::string, locked_secret> values_;
  std::set<std::string> answered_;
};

}  // namespace tunnel::ssh
