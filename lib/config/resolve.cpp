#include "config/resolve.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "config/address.hpp"
#include "config/destination.hpp"
#include "config/errors.hpp"
#include "config/proxy_jump.hpp"
#include "config/tokens.hpp"
#include "config/values.hpp"
#include "crypto/digest.hpp"

namespace tunnel::config {
namespace {

// OpenSSH 9.2's defaults in its order, but for the dead types XMSS and DSA.
constexpr std::array<std::string_view, 5> default_identities = {
    "~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ecdsa_sk", "~/.ssh/id_ed25519", "~/.ssh/id_ed25519_sk"};

constexpr std::uint16_t default_port = 22;

std::string hexadecimal(octet_view data) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const octet value : data) {
    text += digits[value >> 4U];
    text += digits[value & 0x0fU];
  }
  return text;
}

template <class Value>
void take(std::optional<Value>& from, Value& to) {
  if (from) to = std::move(*from);
}

void take_plain_values(collected& from, settings& to) {
  take(from.address_family, to.address_family);
  to.connect_timeout = from.connect_timeout;
  if (to.connect_timeout && to.connect_timeout->count() == 0) to.connect_timeout.reset();
  take(from.connection_attempts, to.connection_attempts);
  take(from.tcp_keep_alive, to.tcp_keep_alive);
  take(from.identities_only, to.identities_only);
  take(from.pubkey_authentication, to.pubkey_authentication);
  take(from.password_authentication, to.password_authentication);
  take(from.kbd_interactive_authentication, to.kbd_interactive_authentication);
  take(from.number_of_password_prompts, to.number_of_password_prompts);
  take(from.batch_mode, to.batch_mode);
  take(from.strict_host_key_checking, to.strict_host_key_checking);
  take(from.hash_known_hosts, to.hash_known_hosts);
  to.kex_algorithms = std::move(from.kex_algorithms);
  to.host_key_algorithms = std::move(from.host_key_algorithms);
  to.ciphers = std::move(from.ciphers);
  to.macs = std::move(from.macs);
  to.pubkey_accepted_algorithms = std::move(from.pubkey_accepted_algorithms);
  to.ca_signature_algorithms = std::move(from.ca_signature_algorithms);
  to.required_rsa_size = from.required_rsa_size;
  if (from.rekey_octets.value_or(0) != 0) to.rekey_octets = from.rekey_octets;
  if (from.rekey_time && from.rekey_time->count() != 0) to.rekey_time = from.rekey_time;
  take(from.server_alive_interval, to.server_alive_interval);
  take(from.server_alive_count_max, to.server_alive_count_max);
  take(from.clear_all_forwardings, to.clear_all_forwardings);
  take(from.gateway_ports, to.gateway_ports);
  to.log_level = from.log_level;
  if (!to.clear_all_forwardings) to.dynamic_forward = std::move(from.dynamic_forward);
  to.warnings = std::move(from.warnings);
}

result<void> take_endpoint(collected& from, const std::string& original_host, const environment& env,
                           settings& to) {
  if (const auto fine = check_host(original_host); !fine) return fine;
  std::string host = original_host;
  if (from.host_name) {
    auto expanded = expand_tokens(*from.host_name, {{'h', original_host}});
    if (!expanded) return failure(errc::malformed, "HostName: " + expanded.error().message);
    host = std::move(*expanded);
  }
  to.host_name = canonical_host(host);
  if (const auto fine = check_host(to.host_name); !fine) return fine;
  to.user = from.user.value_or(env.local_user);
  if (const auto fine = check_user(to.user); !fine) return fine;
  to.port = from.port.value_or(default_port);
  if (from.host_key_alias) to.host_key_alias = lower_case(*from.host_key_alias);
  return {};
}

token_values tokens_for(const settings& to, const std::string& original_host, const environment& env) {
  const std::string port = std::to_string(to.port);
  const std::string connection = env.host_name + to.host_name + port + to.user;
  return {{'C', hexadecimal(crypto::sha1(as_octets(connection)))},
          {'d', env.home},
          {'h', to.host_name},
          {'i', std::to_string(env.uid)},
          {'k', to.host_key_alias.value_or(original_host)},
          {'L', env.host_name.substr(0, env.host_name.find('.'))},
          {'l', env.host_name},
          {'n', original_host},
          {'p', port},
          {'r', to.user},
          {'u', env.local_user}};
}

token_values only(std::string_view letters, const token_values& tokens) {
  token_values some;
  std::ranges::copy_if(tokens, std::back_inserter(some),
                       [letters](const auto& token) { return letters.find(token.first) != letters.npos; });
  return some;
}

result<std::vector<std::string>> expand_all(std::string_view keyword, const std::vector<std::string>& paths,
                                            const token_values& tokens, const environment& env) {
  std::vector<std::string> expanded;
  for (const std::string& path : paths) {
    if (equals_ignoring_case(path, "none")) continue;
    auto one = expand_path(path, tokens, env);
    if (!one)
      return failure(errc::malformed,
                     std::string(keyword) + ' ' + in_quotes(path) + ": " + one.error().message);
    expanded.push_back(std::move(*one));
  }
  return expanded;
}

result<void> take_identity_files(collected& from, const token_values& tokens, const environment& env,
                                 settings& to) {
  to.default_identity_files = from.identity_files.empty();
  if (to.default_identity_files)
    from.identity_files.assign(default_identities.begin(), default_identities.end());
  auto expanded = expand_all("IdentityFile", from.identity_files, tokens, env);
  if (!expanded) return expanded.error();
  to.identity_files = std::move(*expanded);
  auto certificates = expand_all("CertificateFile", from.certificate_files, tokens, env);
  if (!certificates) return certificates.error();
  to.certificate_files = std::move(*certificates);
  return {};
}

result<void> take_known_hosts_files(collected& from, const token_values& tokens, const environment& env,
                                    settings& to) {
  if (from.user_known_hosts_files.empty())
    from.user_known_hosts_files = {"~/.ssh/known_hosts", "~/.ssh/known_hosts2"};
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
  if (from.proxy_command && !equals_ignoring_case(*from.proxy_command, "none"))
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

result<settings> resolve(collected values, const std::string& original_host, const environment& env) {
  settings resolved;
  take_plain_values(values, resolved);
  take_methods(values, resolved);
  if (const auto fine = take_endpoint(values, original_host, env, resolved); !fine) return fine.error();

  const token_values tokens = tokens_for(resolved, original_host, env);
  if (const auto fine = take_way(values, tokens, resolved); !fine) return fine.error();
  if (const auto fine = take_identity_files(values, tokens, env, resolved); !fine) return fine.error();
  if (const auto fine = take_known_hosts_files(values, tokens, env, resolved); !fine) return fine.error();
  if (const auto fine = take_agent(values, tokens, env, resolved); !fine) return fine.error();
  return resolved;
}

}  // namespace tunnel::config
