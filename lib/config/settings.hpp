#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/algorithm_choice.hpp"
#include "config/destination.hpp"
#include "config/forward_spec.hpp"
#include "config/ip_qos.hpp"
#include "config/token_values.hpp"

namespace tunnel::config {

/// ssh_config(5), StrictHostKeyChecking. `off` is another spelling of `no`.
enum class host_key_checking { ask, yes, no, accept_new };

enum class address_family { any, inet, inet6 };

/// ssh_config(5), LogLevel; `DEBUG` is `debug1`.
enum class log_level { quiet, fatal, error, info, verbose, debug1, debug2, debug3 };

/// A question that a keyword may settle beforehand.
enum class consent { no, yes, ask };

/// ssh_config(5), AddKeysToAgent: whether keys that were read from files go to the agent.
struct agent_addition {
  enum class mode {
    no,
    yes,
    /// Asked first, with SSH_ASKPASS's program.
    ask,
    /// The agent asks at each use.
    confirm,
  };

  mode how = mode::no;
  /// 0: until the agent ends.
  std::chrono::seconds lifetime{0};
};

/// What the command line, ssh's configuration files and ssh's defaults come to for one destination.
///
/// Every keyword that is honoured has a field here. Tokens, `~` and environment variables are expanded,
/// and paths are ready to be opened. Defaults are ssh's, but for `server_alive_interval`.
struct settings {
  /// As the user named it.
  std::string original_host;
  /// HostName, or the destination itself: canonical (see canonical_host) and checked by check_host.
  std::string host_name;
  /// HostKeyAlias: the name to look up in known_hosts instead, with port 22 whatever the real one is.
  std::optional<std::string> host_key_alias;
  std::uint16_t port = 22;
  /// User, or the local user; checked by check_user, or by check_user_of_file where a file names it.
  std::string user;
  config::address_family address_family = config::address_family::any;
  /// Nothing: as long as the system tries.
  std::optional<std::chrono::seconds> connect_timeout;
  unsigned connection_attempts = 1;
  bool tcp_keep_alive = true;
  /// IPQoS for the SSH connections.
  config::ip_qos ip_qos;
  /// The connection's own address, and the interface whose address it has (which BindAddress overrules).
  /// Empty: as the system sees fit.
  std::string bind_address;
  std::string bind_interface;
  /// ProxyJump: the hosts to pass through, the nearest first, with tokens expanded; empty: none. Each has a
  /// configuration of its own. At most one of this and `proxy_command` is set.
  std::vector<destination> proxy_jump;
  /// ProxyCommand, as it was written: tokens are expanded when it is run. Empty: none.
  std::string proxy_command;

  /// Those named, in order, or ssh's defaults. Empty after `IdentityFile none`.
  std::vector<std::string> identity_files;
  /// The user named none: that a default file does not exist is nothing to mention.
  bool default_identity_files = true;
  /// CertificateFile, in order.
  std::vector<std::string> certificate_files;
  bool identities_only = false;
  /// The agent's socket; empty: there is none, or it is not to be asked.
  std::string identity_agent;
  agent_addition add_keys_to_agent;
  bool pubkey_authentication = true;
  bool password_authentication = true;
  bool kbd_interactive_authentication = true;
  unsigned number_of_password_prompts = 3;
  /// Method names in order; empty: ssh's order.
  std::vector<std::string> preferred_authentications;
  bool batch_mode = false;

  host_key_checking strict_host_key_checking = host_key_checking::ask;
  std::vector<std::string> user_known_hosts_files;
  std::vector<std::string> global_known_hosts_files;
  bool hash_known_hosts = false;
  /// KnownHostsCommand, as it was written: tokens are expanded when it is run. Empty: none.
  std::string known_hosts_command;
  /// RevokedHostKeys: a file; empty: none. When it cannot be read, no host key counts.
  std::string revoked_host_keys;
  bool check_host_ip = false;
  bool no_host_authentication_for_localhost = false;
  /// VerifyHostKeyDNS: it counts for `update_host_keys` alone.
  consent verify_host_key_dns = consent::no;
  /// UpdateHostKeys, with ssh's rule for when the user has not said.
  consent update_host_keys = consent::yes;
  bool visual_host_key = false;

  /// Nothing: the engine's default list. choose_algorithms makes lists of them.
  std::optional<algorithm_choice> kex_algorithms;
  std::optional<algorithm_choice> host_key_algorithms;
  std::optional<algorithm_choice> ciphers;
  std::optional<algorithm_choice> macs;
  std::optional<algorithm_choice> pubkey_accepted_algorithms;
  std::optional<algorithm_choice> ca_signature_algorithms;
  /// In bits. Nothing: as the engine sees fit; ssh's default is 1024.
  std::optional<unsigned> required_rsa_size;
  /// RekeyLimit: octets in one direction, and time, after which keys are exchanged anew. Nothing: the
  /// engine's default, and no time.
  std::optional<std::uint64_t> rekey_octets;
  std::optional<std::chrono::seconds> rekey_time;

  /// 0: none are sent. ssh's own default is 0, which leaves a dead connection unnoticed for hours; a
  /// tunnel that is to repair itself has to notice.
  std::chrono::seconds server_alive_interval{15};
  unsigned server_alive_count_max = 3;

  /// From files and -o, without repetitions. ClearAllForwardings empties it.
  std::vector<forward_spec> dynamic_forward;
  bool clear_all_forwardings = false;
  bool gateway_ports = false;
  bool exit_on_forward_failure = false;

  bool fork_after_authentication = false;
  /// ControlPath: where -O asks without -S. Empty: nowhere.
  std::string control_path;

  /// What %h and its like stand for in commands that are run later: those of ssh_config(5), TOKENS, that all
  /// keywords with tokens know.
  token_values tokens;
  /// Tag, for Match tagged; empty: none.
  std::string tag;

  /// Nothing: the user named none.
  std::optional<config::log_level> log_level;

  /// Sentences about what was read but is not done, for the user to see once.
  std::vector<std::string> warnings;
};

}  // namespace tunnel::config
