#include "ssh/host_key_texts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/fingerprint.hpp"
#include "config/public_key.hpp"
#include "ssh/errors.hpp"

namespace tunnel::ssh {

namespace {

std::string place_of(const config::known_key& key) {
  return key.file + ":" + std::to_string(key.line);
}

}  // namespace

std::string shown_type(const std::string& type) {
  if (type == "ssh-rsa") return "RSA";
  if (type == "ssh-ed25519") return "ED25519";
  if (type.starts_with("ecdsa-")) return "ECDSA";
  return sanitise(type);
}

std::string places_of(const std::vector<config::known_key>& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : ", ") + place_of(key);
  return text;
}

std::string shown_key(const octets& blob) {
  return shown_type(config::type_of_blob(blob).value_or("")) + " " + config::fingerprint(blob);
}

// What KnownHostsCommand wrote is in no file that ssh-keygen could mend.
std::string advice_for(const std::vector<config::known_key>& keys, const std::string& host) {
  for (const auto& key : keys) {
    if (key.file == config::known_hosts_command_name) continue;
    return ". If the change is right, remove it with: ssh-keygen -f '" + key.file + "' -R '" + host + "'";
  }
  return "";
}

// As ssh.
std::string other_names(const std::vector<config::key_name>& names) {
  static constexpr std::size_t most = 8;
  if (names.empty()) return "This key is not known by any other names.\n";
  std::string text = "This host key is known by the following other names/addresses:\n";
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
    text +=
        "    " + names[i].file + ":" + std::to_string(names[i].line) + ": " + sanitise(names[i].names) + "\n";
  if (names.size() > most)
    text += "    (" + std::to_string(names.size() - most) + " additional names omitted)\n";
  return text;
}

error refusal(std::string message) {
  return {errc::host_key_refused, std::move(message)};
}

}  // namespace tunnel::ssh
