#include "config/listing.hpp"

#include <string_view>
#include <vector>

#include "config/resolve.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// ssh writes some switches as yes and no and others, which have more settings than two, as true and false.
std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

std::string name_of(consent value) {
  if (value == consent::ask) return "ask";
  return value == consent::yes ? "true" : "false";
}

std::string name_of(host_key_checking value) {
  switch (value) {
    case host_key_checking::ask:
      return "ask";
    case host_key_checking::yes:
      return "true";
    case host_key_checking::no:
      return "false";
    case host_key_checking::accept_new:
      return "accept-new";
  }
  return {};
}

std::string name_of(address_family value) {
  if (value == address_family::any) return "any";
  return value == address_family::inet ? "inet" : "inet6";
}

std::string name_of(canonicalization_mode value) {
  if (value == canonicalization_mode::always) return "always";
  return value == canonicalization_mode::yes ? "true" : "false";
}

std::string name_of(public_key_mode value) {
  switch (value) {
    case public_key_mode::no:
      return "false";
    case public_key_mode::yes:
      return "true";
    case public_key_mode::unbound:
      return "unbound";
    case public_key_mode::host_bound:
      return "host-bound";
  }
  return {};
}

std::string name_of(log_level value) {
  switch (value) {
    case log_level::quiet:
      // Debian's ssh, which has it as a second name, prints that one.
      return "SILENT";
    case log_level::fatal:
      return "FATAL";
    case log_level::error:
      return "ERROR";
    case log_level::info:
      return "INFO";
    case log_level::verbose:
      return "VERBOSE";
    case log_level::debug1:
      return "DEBUG";
    case log_level::debug2:
      return "DEBUG2";
    case log_level::debug3:
      return "DEBUG3";
  }
  return {};
}

std::string name_of(const agent_addition& value) {
  using mode = agent_addition::mode;
  const std::string time = std::to_string(value.lifetime.count());
  const bool limited = value.lifetime.count() != 0;
  switch (value.how) {
    case mode::no:
      return "false";
    case mode::yes:
      return limited ? time : "true";
    case mode::ask:
      return "ask";
    case mode::confirm:
      return limited ? "confirm " + time : "confirm";
  }
  return {};
}

std::string in_brackets(const std::string& host) {
  const bool looks_numeric =
      host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
  return looks_numeric ? '[' + host + ']' : host;
}

std::string name_of(const destination& hop) {
  std::string text = (hop.user ? *hop.user + '@' : std::string()) + in_brackets(hop.host);
  if (hop.port) text += ':' + std::to_string(*hop.port);
  return text;
}

// ssh takes the last host alone apart; what stands before it is for the next ssh.
std::string jumps_of(const collected& written) {
  if (!written.proxy_jump || written.proxy_jump->empty()) return {};
  const std::string& text = written.proxy_jump_text;
  return text.substr(0, text.rfind(',') + 1) + name_of(written.proxy_jump->back());
}

std::string name_of(const forward_spec& spec) {
  if (!spec.socket_path.empty()) return spec.socket_path;
  const std::string port = std::to_string(spec.port);
  return spec.bind_address ? '[' + *spec.bind_address + "]:" + port : port;
}

std::string joined(const std::vector<std::string>& words, char between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(1, between)) + word;
  return text;
}

class listing {
 public:
  listing(const configuration& read, const chosen_algorithms& chosen)
      : now_(read.settings), written_(read.as_written), chosen_(chosen) {}

  std::string text() {
    line("host", now_.original_host);
    line("user", now_.user);
    line("hostname", now_.host_name);
    line("port", now_.port);
    add_switches();
    add_numbers();
    add_texts();
    add_lists();
    add_others();
    return std::move(text_);
  }

 private:
  void line(std::string_view keyword, std::string_view value) {
    text_.append(keyword).append(1, ' ').append(value).append(1, '\n');
  }
  void line(std::string_view keyword, bool value) { line(keyword, yes_or_no(value)); }
  void line(std::string_view keyword, std::uint64_t value) { line(keyword, std::to_string(value)); }
  void line(std::string_view keyword, unsigned value) { line(keyword, std::to_string(value)); }
  void line(std::string_view keyword, std::uint16_t value) { line(keyword, std::to_string(value)); }
  void line(std::string_view keyword, const char* value) { line(keyword, std::string_view(value)); }
  void line(std::string_view keyword, const std::string& value) { line(keyword, std::string_view(value)); }
  void line_if_any(std::string_view keyword, const std::string& value) {
    if (!value.empty()) line(keyword, value);
  }

  void add_switches() {
    line("addressfamily", name_of(now_.address_family));
    line("batchmode", now_.batch_mode);
    line("canonicalizefallbacklocal", written_.canonicalize_fallback_local.value_or(true));
    line("canonicalizehostname", name_of(written_.canonicalize_hostname.value_or(canonicalization_mode::no)));
    line("checkhostip", now_.check_host_ip);
    line("clearallforwardings", now_.clear_all_forwardings);
    line("exitonforwardfailure", now_.exit_on_forward_failure);
    line("gatewayports", now_.gateway_ports);
    line("hashknownhosts", now_.hash_known_hosts);
    line("identitiesonly", now_.identities_only);
    line("kbdinteractiveauthentication", now_.kbd_interactive_authentication);
    line("nohostauthenticationforlocalhost", now_.no_host_authentication_for_localhost);
    line("passwordauthentication", now_.password_authentication);
    line("pubkeyauthentication", name_of(written_.pubkey_authentication.value_or(public_key_mode::yes)));
    line("forkafterauthentication", now_.fork_after_authentication);
    line("stricthostkeychecking", name_of(now_.strict_host_key_checking));
    line("tcpkeepalive", now_.tcp_keep_alive);
    line("verifyhostkeydns", name_of(now_.verify_host_key_dns));
    line("visualhostkey", now_.visual_host_key);
    line("updatehostkeys", name_of(now_.update_host_keys));
  }

  void add_numbers() {
    constexpr std::uint32_t default_max_dots = 1;
    constexpr unsigned default_rsa_size = 1024;
    line("canonicalizemaxdots", written_.canonicalize_max_dots.value_or(default_max_dots));
    line("connectionattempts", now_.connection_attempts);
    line("numberofpasswordprompts", now_.number_of_password_prompts);
    line("serveralivecountmax", now_.server_alive_count_max);
    line("serveraliveinterval", static_cast<std::uint64_t>(now_.server_alive_interval.count()));
    line("requiredrsasize", now_.required_rsa_size.value_or(default_rsa_size));
  }

  void add_texts() {
    line_if_any("bindaddress", now_.bind_address);
    line_if_any("bindinterface", now_.bind_interface);
    line_if_any("ciphers", joined(chosen_.cipher, ','));
    line_if_any("controlpath", now_.control_path);
    line_if_any("hostkeyalgorithms", joined(chosen_.host_key, ','));
    line_if_any("hostkeyalias", now_.host_key_alias.value_or(""));
    line_if_any("identityagent", agent());
    line_if_any("ignoreunknown", written_.ignore_unknown.value_or(""));
    line_if_any("kexalgorithms", joined(chosen_.kex, ','));
    line_if_any("casignaturealgorithms", joined(chosen_.ca_signature, ','));
    line_if_any("knownhostscommand", now_.known_hosts_command);
    line("loglevel", name_of(now_.log_level.value_or(log_level::info)));
    line_if_any("macs", joined(chosen_.mac, ','));
    line_if_any("preferredauthentications", written_.preferred_authentications.value_or(""));
    line_if_any("pubkeyacceptedalgorithms", joined(chosen_.public_key, ','));
    const std::string revoked = written_.revoked_host_keys.value_or("none");
    if (!equals_ignoring_case(revoked, "none")) line("revokedhostkeys", revoked);
    line_if_any("tag", now_.tag);
    line_if_any("proxycommand", now_.proxy_command);
  }

  void add_lists() {
    for (const forward_spec& spec : now_.dynamic_forward) line("dynamicforward", name_of(spec));
    for (const identity_file& file : written_.identity_files) line("identityfile", file.path);
    if (now_.default_identity_files) {
      for (const std::string_view file : default_identity_files()) line("identityfile", file);
    }
    const auto domains = written_.canonical_domains.value_or(std::vector<std::string>());
    line("canonicaldomains", domains.empty() ? "none" : joined(domains, ' '));
    for (const std::string& file : written_.certificate_files) line("certificatefile", file);
    line("globalknownhostsfile", files(now_.global_known_hosts_files));
    line("userknownhostsfile", files(now_.user_known_hosts_files));
  }

  void add_others() {
    line("addkeystoagent", name_of(now_.add_keys_to_agent));
    line("connecttimeout",
         written_.connect_timeout ? std::to_string(written_.connect_timeout->count()) : "none");
    line("canonicalizePermittedcnames", cname_rules());
    line("ipqos", config::name_of(now_.ip_qos.interactive) + ' ' + config::name_of(now_.ip_qos.other));
    line("rekeylimit", std::to_string(now_.rekey_octets.value_or(0)) + ' ' +
                           std::to_string(now_.rekey_time.value_or(std::chrono::seconds(0)).count()));
    line_if_any("proxyjump", jumps_of(written_));
  }

  // A path is shown as it is after expansion, the name of a variable as it is before.
  std::string agent() {
    if (!written_.identity_agent) return {};
    const std::string& text = *written_.identity_agent;
    const bool variable = text == "SSH_AUTH_SOCK" || (text.starts_with('$') && !text.starts_with("${"));
    return variable || text == "none" ? text : now_.identity_agent;
  }

  static std::string files(const std::vector<std::string>& names) {
    return names.empty() ? "none" : joined(names, ' ');
  }

  std::string cname_rules() {
    std::vector<std::string> rules;
    for (const cname_rule& rule : written_.canonicalize_permitted_cnames.value_or(std::vector<cname_rule>()))
      rules.push_back(rule.sources + ':' + rule.targets);
    return rules.empty() ? "none" : joined(rules, ' ');
  }

  const settings& now_;
  const collected& written_;
  const chosen_algorithms& chosen_;
  std::string text_;
};

}  // namespace

std::string list_configuration(const configuration& read, const chosen_algorithms& chosen) {
  return listing(read, chosen).text();
}

}  // namespace tunnel::config
