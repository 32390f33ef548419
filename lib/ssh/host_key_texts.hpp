#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "config/algorithm_choice.hpp"
#include "config/known_hosts.hpp"
#include "ssh/keys/signature.hpp"

/// What host_key_policy says, and by which algorithms it goes.
namespace tunnel::ssh {

/// The type as ssh shows it to people: "ED25519", "ECDSA", "RSA".
std::string shown_type(const std::string& type);
/// With its fingerprint.
std::string shown_key(const octets& blob);
/// "file:3, file:7".
std::string places_of(const std::vector<config::known_key>& keys);
/// How to remove them, behind a sentence; may be empty.
std::string advice_for(const std::vector<config::known_key>& keys, const std::string& host);
/// Which hosts have the key too, each on a line, for the question about a host that does not have it yet.
std::string other_names(const std::vector<config::key_name>& names);
/// errc::host_key_refused.
error refusal(std::string message);

/// Whether the user's list, or the default one, has an algorithm of which that holds.
template <class Condition>
bool allows(const std::optional<config::algorithm_choice>& choice, Condition holds) {
  if (!choice) return true;
  const auto list = config::apply_choice(*choice, keys::signature_algorithms());
  return list && std::any_of(list->begin(), list->end(), holds);
}

}  // namespace tunnel::ssh
