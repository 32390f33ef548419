#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "config/arguments.hpp"
#include "config/collected.hpp"
#include "config/errors.hpp"

/// Functions that take a keyword's arguments into `collected`, for the table of keywords.
namespace tunnel::config {

/// Refuses anything but one argument that is not empty.
result<void> check_single(const std::vector<std::string>& given);

/// A keyword with one value, of which the first counts. `Parse` makes a result of the field's type.
template <auto Field, auto Parse>
result<void> first_value(const config_line& line, bool active, collected& to) {
  if (const auto fine = check_single(line.arguments); !fine) return fine;
  auto value = Parse(line.arguments.front());
  if (!value) return value.error();
  if (active && !(to.*Field)) to.*Field = std::move(*value);
  return {};
}

/// A keyword with a list of files, of which the first list counts; `none` alone is an empty one.
result<void> first_user_known_hosts(const config_line& line, bool active, collected& to);
result<void> first_global_known_hosts(const config_line& line, bool active, collected& to);

/// Errors: errc::malformed, there are too many.
result<void> add_identity(identity_file file, collected& to);

/// Keywords that add up.
result<void> add_identity_file(const config_line& line, bool active, collected& to);
result<void> add_certificate_file(const config_line& line, bool active, collected& to);
result<void> add_dynamic_forward(const config_line& line, bool active, collected& to);

/// ConnectTimeout: `none` says nothing, as in ssh.
result<void> first_connect_timeout(const config_line& line, bool active, collected& to);

/// ServerAliveInterval: `none` counts where no other line says more.
result<void> first_server_alive_interval(const config_line& line, bool active, collected& to);

/// RekeyLimit: octets or `default`, then perhaps a time or `none`. The first of each counts.
result<void> first_rekey_limit(const config_line& line, bool active, collected& to);

/// ProxyJump and ProxyCommand: whichever is set first counts.
result<void> first_proxy_jump(const config_line& line, bool active, collected& to);
result<void> first_proxy_command(const config_line& line, bool active, collected& to);

/// RefuseConnection: its text is the error, errc::refused, where it applies.
result<void> refuse_connection(const config_line& line, bool active, collected& to);

/// KnownHostsCommand.
result<void> first_known_hosts_command(const config_line& line, bool active, collected& to);

/// CanonicalDomains and CanonicalizePermittedCNAMEs: the first list counts, `none` is an empty one.
result<void> first_canonical_domains(const config_line& line, bool active, collected& to);
result<void> first_permitted_cnames(const config_line& line, bool active, collected& to);

/// AddKeysToAgent: a mode, a time, or `confirm` and a time.
result<void> first_agent_addition(const config_line& line, bool active, collected& to);

/// IPQoS: one value, or two.
result<void> first_ip_qos(const config_line& line, bool active, collected& to);

result<std::string> to_text(const std::string& text);
result<bool> to_flag(const std::string& text);
result<public_key_mode> to_public_key_mode(const std::string& text);
result<consent> to_consent(const std::string& text);
result<canonicalization_mode> to_canonicalization_mode(const std::string& text);
result<std::uint16_t> to_port(const std::string& text);
result<std::uint32_t> to_count(const std::string& text);
result<std::chrono::seconds> to_interval(const std::string& text);
result<host_key_checking> to_host_key_checking(const std::string& text);
result<address_family> to_address_family(const std::string& text);
result<log_level> to_log_level(const std::string& text);

}  // namespace tunnel::config
