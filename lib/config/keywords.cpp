#include "config/keywords.hpp"

#include <algorithm>
#include <array>

#include "config/apply.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

template <auto Field, auto Parse>
constexpr keyword one(std::string_view name) {
  return {name, keyword_kind::honoured, first_value<Field, Parse>};
}

template <auto Field, algorithm_kind Kind>
constexpr keyword algorithms(std::string_view name) {
  return one<Field, to_choice<Kind>>(name);
}

constexpr keyword list(std::string_view name, apply_function apply) {
  return {name, keyword_kind::honoured, apply};
}

constexpr keyword missed(std::string_view name) {
  return {name, keyword_kind::missed};
}

constexpr auto table = std::to_array<keyword>({
    {"Host", keyword_kind::host},
    {"Match", keyword_kind::match},
    {"Include", keyword_kind::include},

    one<&collected::host_name, to_text>("HostName"),
    one<&collected::host_key_alias, to_text>("HostKeyAlias"),
    one<&collected::user, to_text>("User"),
    one<&collected::port, to_port>("Port"),
    one<&collected::address_family, to_address_family>("AddressFamily"),
    list("ConnectTimeout", first_connect_timeout),
    one<&collected::connection_attempts, to_count>("ConnectionAttempts"),
    one<&collected::tcp_keep_alive, to_flag>("TCPKeepAlive"),
    one<&collected::tcp_keep_alive, to_flag>("KeepAlive"),
    list("ProxyJump", first_proxy_jump),
    list("ProxyCommand", first_proxy_command),
    list("IPQoS", first_ip_qos),
    one<&collected::bind_address, to_text>("BindAddress"),
    one<&collected::bind_interface, to_text>("BindInterface"),
    one<&collected::canonicalize_hostname, to_canonicalization_mode>("CanonicalizeHostname"),
    list("CanonicalDomains", first_canonical_domains),
    one<&collected::canonicalize_fallback_local, to_flag>("CanonicalizeFallbackLocal"),
    one<&collected::canonicalize_max_dots, to_count>("CanonicalizeMaxDots"),
    list("CanonicalizePermittedCNAMEs", first_permitted_cnames),
    list("IdentityFile", add_identity_file),
    list("IdentityFile2", add_identity_file),
    list("CertificateFile", add_certificate_file),
    one<&collected::identities_only, to_flag>("IdentitiesOnly"),
    one<&collected::identity_agent, to_text>("IdentityAgent"),
    list("AddKeysToAgent", first_agent_addition),
    one<&collected::pubkey_authentication, to_public_key_mode>("PubkeyAuthentication"),
    one<&collected::pubkey_authentication, to_public_key_mode>("DSAAuthentication"),
    one<&collected::password_authentication, to_flag>("PasswordAuthentication"),
    one<&collected::kbd_interactive_authentication, to_flag>("KbdInteractiveAuthentication"),
    one<&collected::kbd_interactive_authentication, to_flag>("ChallengeResponseAuthentication"),
    one<&collected::kbd_interactive_authentication, to_flag>("SkeyAuthentication"),
    one<&collected::kbd_interactive_authentication, to_flag>("TISAuthentication"),
    one<&collected::number_of_password_prompts, to_count>("NumberOfPasswordPrompts"),
    one<&collected::preferred_authentications, to_text>("PreferredAuthentications"),
    one<&collected::batch_mode, to_flag>("BatchMode"),
    one<&collected::strict_host_key_checking, to_host_key_checking>("StrictHostKeyChecking"),
    list("UserKnownHostsFile", first_user_known_hosts),
    list("GlobalKnownHostsFile", first_global_known_hosts),
    one<&collected::hash_known_hosts, to_flag>("HashKnownHosts"),
    list("KnownHostsCommand", first_known_hosts_command),
    one<&collected::revoked_host_keys, to_text>("RevokedHostKeys"),
    one<&collected::check_host_ip, to_flag>("CheckHostIP"),
    one<&collected::no_host_authentication_for_localhost, to_flag>("NoHostAuthenticationForLocalhost"),
    one<&collected::verify_host_key_dns, to_consent>("VerifyHostKeyDNS"),
    one<&collected::update_host_keys, to_consent>("UpdateHostKeys"),
    one<&collected::visual_host_key, to_flag>("VisualHostKey"),
    algorithms<&collected::kex_algorithms, algorithm_kind::kex>("KexAlgorithms"),
    algorithms<&collected::host_key_algorithms, algorithm_kind::key>("HostKeyAlgorithms"),
    algorithms<&collected::ciphers, algorithm_kind::cipher>("Ciphers"),
    algorithms<&collected::macs, algorithm_kind::mac>("MACs"),
    algorithms<&collected::pubkey_accepted_algorithms, algorithm_kind::key>("PubkeyAcceptedAlgorithms"),
    algorithms<&collected::pubkey_accepted_algorithms, algorithm_kind::key>("PubkeyAcceptedKeyTypes"),
    algorithms<&collected::ca_signature_algorithms, algorithm_kind::ca_signature>("CASignatureAlgorithms"),
    one<&collected::required_rsa_size, to_count>("RequiredRSASize"),
    list("RekeyLimit", first_rekey_limit),
    list("ServerAliveInterval", first_server_alive_interval),
    // Debian's two older names for it.
    list("ProtocolKeepAlives", first_server_alive_interval),
    list("SetupTimeOut", first_server_alive_interval),
    one<&collected::server_alive_count_max, to_count>("ServerAliveCountMax"),
    list("DynamicForward", add_dynamic_forward),
    one<&collected::clear_all_forwardings, to_flag>("ClearAllForwardings"),
    one<&collected::gateway_ports, to_flag>("GatewayPorts"),
    one<&collected::exit_on_forward_failure, to_flag>("ExitOnForwardFailure"),
    one<&collected::fork_after_authentication, to_flag>("ForkAfterAuthentication"),
    one<&collected::control_path, to_text>("ControlPath"),
    one<&collected::tag, to_text>("Tag"),
    one<&collected::log_level, to_log_level>("LogLevel"),
    one<&collected::ignore_unknown, to_text>("IgnoreUnknown"),

    list("RefuseConnection", refuse_connection),

    missed("PKCS11Provider"),
    missed("SmartcardDevice"),

    {"AFSTokenPassing"},
    {"ChannelTimeout"},
    {"Cipher"},
    {"Compression"},
    {"CompressionLevel"},
    {"ControlMaster"},
    {"ControlPersist"},
    {"EnableEscapeCommandline"},
    {"EnableSSHKeysign"},
    {"EscapeChar"},
    {"FallBackToRsh"},
    {"FingerprintHash"},
    {"ForwardAgent"},
    {"ForwardX11"},
    {"ForwardX11Timeout"},
    {"ForwardX11Trusted"},
    {"GlobalKnownHostsFile2"},
    {"GSSAPIAuthentication"},
    {"GSSAPIClientIdentity"},
    {"GSSAPIDelegateCredentials"},
    {"GSSAPIKexAlgorithms"},
    {"GSSAPIKeyExchange"},
    {"GSSAPIRenewalForcesRekey"},
    {"GSSAPIServerIdentity"},
    {"GSSAPITrustDns"},
    {"HostbasedAcceptedAlgorithms"},
    {"HostbasedAuthentication"},
    {"HostbasedKeyTypes"},
    {"KbdInteractiveDevices"},
    {"KerberosAuthentication"},
    {"KerberosTgtPassing"},
    {"LocalCommand"},
    {"LocalForward"},
    {"LogVerbose"},
    {"ObscureKeystrokeTiming"},
    {"PermitLocalCommand"},
    {"PermitRemoteOpen"},
    {"Protocol"},
    {"ProxyUseFdpass"},
    {"RemoteCommand"},
    {"RemoteForward"},
    {"RequestTTY"},
    {"RhostsAuthentication"},
    {"RhostsRSAAuthentication"},
    {"RSAAuthentication"},
    {"SecurityKeyProvider"},
    {"SendEnv"},
    {"SessionType"},
    {"SetEnv"},
    {"StdinNull"},
    {"StreamLocalBindMask"},
    {"StreamLocalBindUnlink"},
    {"SyslogFacility"},
    {"Tunnel"},
    {"TunnelDevice"},
    {"UsePrivilegedPort"},
    {"UserKnownHostsFile2"},
    {"UseRoaming"},
    {"UseRsh"},
    {"VersionAddendum"},
    {"WarnWeakCrypto"},
    {"XAuthLocation"},
});

}  // namespace

const keyword* find_keyword(std::string_view name) {
  const auto same = [name](const keyword& known) { return equals_ignoring_case(known.name, name); };
  const auto found = std::ranges::find_if(table, same);
  return found == table.end() ? nullptr : &*found;
}

std::optional<std::string_view> nearest_keyword(std::string_view name) {
  std::array<std::string_view, table.size()> names;
  std::ranges::transform(table, names.begin(), &keyword::name);
  return nearest(name, names);
}

}  // namespace tunnel::config
