#include "ssh/host_key_texts.hpp"

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

error refusal(std::string message) {
  return {errc::host_key_refused, std::move(message)};
}

}  // namespace tunnel::ssh
