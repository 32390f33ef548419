#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/algorithm_choice.hpp"
#include "config/forward_spec.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

enum class canonicalization_mode { no, yes, always };

/// A rule of CanonicalizePermittedCNAMEs: pattern lists in lower case.
struct cname_rule {
  std::string sources;
  std::string targets;

  friend bool operator==(const cname_rule&, const cname_rule&) = default;
};

/// ssh_config(5), PubkeyAuthentication: the last two are about an extension of OpenSSH's.
enum class public_key_mode { no, yes, unbound, host_bound };

/// As in ssh, -i's files are kept apart from IdentityFile's, even where both name the same.
struct identity_file {
  std::string path;
  bool by_letter = false;

  friend bool operator==(const identity_file&, const identity_file&) = default;
};

/// What the sources have said so far, unexpanded. The first value of a keyword wins, so one that is set
/// stays as it is; lists of files that add up do so in the order read.
struct collected {
  std::optional<std::string> host_name;
  std::optional<std::string> host_key_alias;
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;
  std::optional<config::address_family> address_family;
  std::optional<std::chrono::seconds> connect_timeout;
  std::optional<std::uint32_t> connection_attempts;
  std::optional<bool> tcp_keep_alive;
  /// Of these two the first to be set keeps the other one out; an empty list or `none` counts as set.
  std::optional<std::vector<destination>> proxy_jump;
  std::optional<std::string> proxy_command;
  /// What `proxy_jump` was read from.
  std::string proxy_jump_text;
  std::optional<config::ip_qos> ip_qos;
  std::optional<std::string> bind_address;
  std::optional<std::string> bind_interface;

  std::optional<canonicalization_mode> canonicalize_hostname;
  std::optional<std::vector<std::string>> canonical_domains;
  std::optional<bool> canonicalize_fallback_local;
  std::optional<std::uint32_t> canonicalize_max_dots;
  std::optional<std::vector<cname_rule>> canonicalize_permitted_cnames;

  std::vector<identity_file> identity_files;
  std::vector<std::string> certificate_files;
  std::optional<bool> identities_only;
  std::optional<std::string> identity_agent;
  std::optional<agent_addition> add_keys_to_agent;
  std::optional<public_key_mode> pubkey_authentication;
  std::optional<bool> password_authentication;
  std::optional<bool> kbd_interactive_authentication;
  std::optional<std::uint32_t> number_of_password_prompts;
  std::optional<std::string> preferred_authentications;
  std::optional<bool> batch_mode;

  std::optional<host_key_checking> strict_host_key_checking;
  std::vector<std::string> user_known_hosts_files;
  std::vector<std::string> global_known_hosts_files;
  std::optional<bool> hash_known_hosts;
  std::optional<std::string> known_hosts_command;
  std::optional<std::string> revoked_host_keys;
  std::optional<bool> check_host_ip;
  std::optional<bool> no_host_authentication_for_localhost;
  std::optional<consent> verify_host_key_dns;
  std::optional<consent> update_host_keys;
  std::optional<bool> visual_host_key;

  std::optional<algorithm_choice> kex_algorithms;
  std::optional<algorithm_choice> host_key_algorithms;
  std::optional<algorithm_choice> ciphers;
  std::optional<algorithm_choice> macs;
  std::optional<algorithm_choice> pubkey_accepted_algorithms;
  std::optional<algorithm_choice> ca_signature_algorithms;
  std::optional<std::uint32_t> required_rsa_size;
  /// 0: the default.
  std::optional<std::uint64_t> rekey_octets;
  /// 0: none.
  std::optional<std::chrono::seconds> rekey_time;

  std::optional<std::chrono::seconds> server_alive_interval;
  /// `none`, which as in ssh leaves it to a later line, and otherwise to ssh's default: no signs of life.
  bool no_server_alive_interval = false;
  std::optional<std::uint32_t> server_alive_count_max;

  std::vector<forward_spec> dynamic_forward;
  std::optional<bool> clear_all_forwardings;
  std::optional<bool> gateway_ports;
  std::optional<bool> exit_on_forward_failure;

  std::optional<bool> fork_after_authentication;
  std::optional<std::string> control_path;
  std::optional<std::string> tag;

  std::optional<config::log_level> log_level;
  std::optional<std::string> ignore_unknown;

  std::vector<std::string> warnings;
};

}  // namespace tunnel::config
