#include "config/resolve.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/connection_tokens.hpp"
#include "config/destination.hpp"
#include "config/errors.hpp"
#include "config/proxy_jump.hpp"
#include "config/tokens.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// OpenSSH 9.2's defaults in its order, but for the dead types XMSS and DSA.
constexpr std::array<std::string_view, 5> default_identities = {
    "~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ecdsa_sk", "~/.ssh/id_ed25519", "~/.ssh/id_ed25519_sk"};

constexpr std::array<std::string_view, 2> default_known_hosts = {"~/.ssh/known_hosts", "~/.ssh/known_hosts2"};

template <class Value, class Field>
void take(const std::optional<Value>& from, Field& to) {
  if (from) to = *from;
}

void take_plain_values(collected& from, settings& to) {
  take(from.address_family, to.address_family);
  to.connect_timeout = from.connect_timeout;
  if (to.connect_timeout && to.connect_timeout->count() == 0) to.connect_timeout.reset();
  take(from.connection_attempts, to.connection_attempts);
  take(from.tcp_keep_alive, to.tcp_keep_alive);
  take(from.ip_qos, to.ip_qos);
  take(from.bind_address, to.bind_address);
  take(from.bind_interface, to.bind_interface);
  take(from.add_keys_to_agent, to.add_keys_to_agent);
  take(from.identities_only, to.identities_only);
  if (from.pubkey_authentication)
    to.pubkey_authentication = *from.pubkey_authentication != public_key_mode::no;
  take(from.password_authentication, to.password_authentication);
  take(from.kbd_interactive_authentication, to.kbd_interactive_authentication);
  take(from.number_of_password_prompts, to.number_of_password_prompts);
  take(from.batch_mode, to.batch_mode);
  take(from.strict_host_key_checking, to.strict_host_key_checking);
  take(from.hash_known_hosts, to.hash_known_hosts);
  take(from.check_host_ip, to.check_host_ip);
  take(from.no_host_authentication_for_localhost, to.no_host_authentication_for_localhost);
  take(from.visual_host_key, to.visual_host_key);
  to.kex_algorithms = std::move(from.kex_algorithms);
  to.host_key_algorithms = std::move(from.host_key_algorithms);
  to.ciphers = std::move(from.ciphers);
  to.macs = std::move(from.macs);
  to.pubkey_accepted_algorithms = std::move(from.pubkey_accepted_algorithms);
  to.ca_signature_algorithms = std::move(from.ca_signature_algorithms);
  to.required_rsa_size = from.required_rsa_size;
  if (from.rekey_octets.value_or(0) != 0) to.rekey_octets = from.rekey_octets;
  if (from.rekey_time && from.rekey_time->count() != 0) to.rekey_time = from.rekey_time;
  if (from.no_server_alive_interval) to.server_alive_interval = std::chrono::seconds(0);
  take(from.server_alive_interval, to.server_alive_interval);
  take(from.server_alive_count_max, to.server_alive_count_max);
  take(from.clear_all_forwardings, to.clear_all_forwardings);
  take(from.gateway_ports, to.gateway_ports);
  take(from.exit_on_forward_failure, to.exit_on_forward_failure);
  take(from.fork_after_authentication, to.fork_after_authentication);
  take(from.tag, to.tag);
  to.log_level = from.log_level;
  if (!to.clear_all_forwardings) to.dynamic_forward = std::move(from.dynamic_forward);
  to.warnings = std::move(from.warnings);
}

result<void> take_endpoint(const collected& from, const target_names& names, const environment& env,
                           settings& to) {
  if (const auto fine = check_host(names.original); !fine) return fine;
  if (const auto fine = check_host(names.host); !fine) return fine;
  to.original_host = names.original;
  to.host_name = names.host;
  to.user = from.user.value_or(env.local_user);
  if (const auto fine = check_user_of_file(to.user); !fine) return fine;
  to.port = from.port.value_or(default_port);
  if (to.connection_attempts == 0)
    return failure(errc::malformed, "ConnectionAttempts: it must be at least 1");
  if (from.host_key_alias) to.host_key_alias = lower_case(*from.host_key_alias);
  return {};
}

bool is_none(const std::string& value) {
  return equals_ignoring_case(value, "none");
}

result<std::vector<std::string>> expand_all(std::string_view keyword, const std::vector<std::string>& paths,
                                            const token_values& tokens, const environment& env) {
  std::vector<std::string> expanded;
  for (const std::string& path : paths) {
    if (is_none(path)) continue;
    auto one = expand_path(path, tokens, env);
    if (!one)
      return failure(errc::malformed,
                     std::string(keyword) + ' ' + in_quotes(path) + ": " + one.error().message);
    expanded.push_back(std::move(*one));
  }
  return expanded;
}

std::vector<std::string> paths_of(const std::vector<identity_file>& files) {
  std::vector<std::string> paths;
  for (const identity_file& file : files) {
    if (std::ranges::count(paths, file.path) == 0) paths.push_back(file.path);
  }
  return paths;
}

result<void> take_identity_files(const collected& from, const token_values& tokens, const environment& env,
                                 settings& to) {
  std::vector<std::string> paths = paths_of(from.identity_files);
  if (paths.empty()) paths.assign(default_identities.begin(), default_identities.end());
  auto expanded = expand_all("IdentityFile", paths, tokens, env);
  if (!expanded) return expanded.error();
  to.identity_files = std::move(*expanded);
  auto certificates = expand_all("CertificateFile", from.certificate_files, tokens, env);
  if (!certificates) return certificates.error();
  to.certificate_files = std::move(*certificates);
  return {};
}

result<void> take_path(std::string_view keyword, const std::optional<std::string>& from,
                       const token_values& tokens, const environment& env, std::string& to) {
  if (!from || is_none(*from)) return {};
  auto path = expand_path(*from, tokens, env);
  if (!path)
    return failure(errc::malformed,
                   std::string(keyword) + ' ' + in_quotes(*from) + ": " + path.error().message);
  to = std::move(*path);
  return {};
}

// As ssh, which looks at the text: the default's first file alone counts as the default too.
bool is_default_known_hosts(const std::vector<std::string>& files) {
  return files.empty() || (files.size() == 1 && files.front() == default_known_hosts.front());
}

// ssh_config(5), UpdateHostKeys: on, unless something says that the known hosts are managed in another way.
void take_host_key_rules(const collected& from, settings& to) {
  take(from.verify_host_key_dns, to.verify_host_key_dns);
  if (to.verify_host_key_dns != consent::no)
    to.warnings.emplace_back(
        "VerifyHostKeyDNS: fingerprints are not looked up in the DNS; host keys are checked against "
        "known_hosts "
        "alone");
  const bool managed =
      !is_default_known_hosts(from.user_known_hosts_files) || to.verify_host_key_dns != consent::no;
  to.update_host_keys = from.update_host_keys.value_or(managed ? consent::no : consent::yes);
  // Somebody who is told nothing is not asked either.
  if (to.update_host_keys == consent::ask && to.log_level.value_or(log_level::info) < log_level::info)
    to.update_host_keys = consent::no;
  if (from.known_hosts_command && !is_none(*from.known_hosts_command))
    to.known_hosts_command = *from.known_hosts_command;
}

result<void> take_known_hosts_files(collected& from, const token_values& tokens, const environment& env,
                                    settings& to) {
  if (from.user_known_hosts_files.empty())
    from.user_known_hosts_files.assign(default_known_hosts.begin(), default_known_hosts.end());
  auto expanded = expand_all("UserKnownHostsFile", from.user_known_hosts_files, tokens, env);
  if (!expanded) return expanded.error();
  to.user_known_hosts_files = std::move(*expanded);

  // ssh expands nothing in these.
  to.global_known_hosts_files = std::move(from.global_known_hosts_files);
  if (to.global_known_hosts_files.empty())
    to.global_known_hosts_files = {env.system_directory + "/ssh_known_hosts",
                                   env.system_directory + "/ssh_known_hosts2"};
  if (equals_ignoring_case(to.global_known_hosts_files.front(), "none")) to.global_known_hosts_files.clear();
  return {};
}

// ssh_config(5), IdentityAgent: `none`, a variable's name behind a dollar sign, or a path.
result<void> take_agent(const collected& from, const token_values& tokens, const environment& env,
                        settings& to) {
  static const std::string usual = "SSH_AUTH_SOCK";
  const std::string agent = from.identity_agent.value_or(usual);
  if (agent == "none") return {};
  if (agent == usual) {
    to.identity_agent = env.variable(usual).value_or("");
    return {};
  }
  if (agent.front() == '$' && !agent.starts_with("${")) {
    to.identity_agent = env.variable(agent.substr(1)).value_or("");
    return {};
  }
  auto path = expand_path(agent, tokens, env);
  if (!path)
    return failure(errc::malformed, "IdentityAgent " + in_quotes(agent) + ": " + path.error().message);
  to.identity_agent = std::move(*path);
  return {};
}

// ssh_config(5), TOKENS: these two take fewer than paths do.
result<void> take_way(collected& from, const token_values& tokens, settings& to) {
  if (from.proxy_command && !is_no_command(*from.proxy_command))
    to.proxy_command = std::move(*from.proxy_command);
  if (!from.proxy_jump) return {};
  auto hops = expand_proxy_jump(std::move(*from.proxy_jump), only("hnpr", tokens));
  if (!hops) return failure(errc::malformed, "ProxyJump: " + hops.error().message);
  to.proxy_jump = std::move(*hops);
  return {};
}

void take_methods(const collected& from, settings& to) {
  std::string_view rest =
      from.preferred_authentications ? std::string_view(*from.preferred_authentications) : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (end != 0) to.preferred_authentications.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

std::span<const std::string_view> default_identity_files() {
  return default_identities;
}

result<settings> resolve(collected values, const target_names& names, const environment& env) {
  settings resolved;
  take_plain_values(values, resolved);
  take_methods(values, resolved);
  if (const auto fine = take_endpoint(values, names, env, resolved); !fine) return fine.error();

  const token_values tokens =
      connection_tokens({.host = resolved.host_name,
                         .original_host = names.original,
                         .key_alias = resolved.host_key_alias.value_or(names.original),
                         .user = resolved.user,
                         .port = resolved.port},
                        env);
  if (const auto fine = take_way(values, tokens, resolved); !fine) return fine.error();
  take_host_key_rules(values, resolved);
  if (const auto fine = take_known_hosts_files(values, tokens, env, resolved); !fine) return fine.error();
  if (const auto fine = take_agent(values, tokens, env, resolved); !fine) return fine.error();
  if (const auto fine = take_path("ControlPath", values.control_path, tokens, env, resolved.control_path);
      !fine)
    return fine.error();
  resolved.default_identity_files = values.identity_files.empty();
  resolved.tokens = tokens;
  return resolved;
}

result<void> resolve_files_to_read(const collected& values, const environment& env, settings& resolved) {
  if (const auto fine = take_identity_files(values, resolved.tokens, env, resolved); !fine) return fine;
  return take_path("RevokedHostKeys", values.revoked_host_keys, resolved.tokens, env,
                   resolved.revoked_host_keys);
}

}  // namespace tunnel::config
