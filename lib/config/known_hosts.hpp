#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"

/// known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), with ssh's meaning.
///
/// `host` is settings::host_name with its port, or settings::host_key_alias with port 22, which stands for
/// "no port in the name". Case does not count. Lines that cannot be understood are passed over.
namespace tunnel::config {

/// Policy: tens of thousands of hosts fit.
inline constexpr std::size_t max_known_hosts_file = std::size_t{16} * 1024 * 1024;
/// Policy: the longest key, RSA with 16384 bits, takes 3 KiB.
inline constexpr std::size_t max_known_hosts_line = std::size_t{64} * 1024;

enum class host_key_status {
  /// The key is the host's. Nothing else is a reason to go on.
  match,
  /// Other keys are known for the host, but not this one. As in ssh, keys of other types count: the known
  /// types are to be negotiated first (see known_key_types), so a server that comes with another type
  /// instead no longer has its key.
  changed,
  /// A line with @revoked names the key for this host, whatever other lines say.
  revoked,
  /// No key is known for the host.
  unknown,
};

/// Where a key stands.
struct known_key {
  std::string file;
  std::size_t line = 0;
  std::string key_type;

  friend bool operator==(const known_key&, const known_key&) = default;
};

struct host_key_answer {
  host_key_status status;
  /// match, revoked: the line. changed: every line with a key of the host. unknown: empty.
  std::vector<known_key> keys;
};

/// The name that lines carry: the host alone for port 22, else `[host]:port`; in lower case.
std::string known_hosts_name(std::string_view host, std::uint16_t port);

/// How lines are called that KnownHostsCommand wrote, in place of a file.
inline constexpr std::string_view known_hosts_command_name = "KnownHostsCommand";

/// Looks the key up in all files and in `further`, the lines that KnownHostsCommand wrote. Where a host is
/// unknown at a port other than 22, a key that is known for the host without a port is a match, as in ssh.
///
/// Errors: a file that exists but cannot be read, or errc::too_large. Do not connect then: the file might
/// have said that the key is revoked.
result<host_key_answer> look_up_host_key(std::span<const std::string> files, std::string_view host,
                                         std::uint16_t port, octet_view key_blob,
                                         std::string_view further = {});

/// Looks up whether `authority_blob` is marked @cert-authority for the host, so that a certificate of its for
/// the key `certified_blob` counts.
///
/// match: it is. revoked: a line with @revoked names one of the two keys. changed: other authorities are
/// marked for the host. unknown: none is. Where it is not marked for the host at a port other than 22, it
/// counts if it is for the host without a port, as in ssh. Errors: as above.
result<host_key_answer> look_up_authority(std::span<const std::string> files, std::string_view host,
                                          std::uint16_t port, octet_view authority_blob,
                                          octet_view certified_blob, std::string_view further = {});

/// Whether any authority is marked for the host: certificates are to be asked for first then. Errors: as
/// above.
result<bool> knows_authority(std::span<const std::string> files, std::string_view host, std::uint16_t port,
                             std::string_view further = {});

/// The types of the keys known for the host, without repetitions, in order of appearance: their algorithms
/// go to the front of the proposal (RFC 4253 §7.1). Errors: as above.
result<std::vector<std::string>> known_key_types(std::span<const std::string> files, std::string_view host,
                                                 std::uint16_t port, std::string_view further = {});

/// A name that a key is known by.
struct key_name {
  std::string file;
  std::size_t line = 0;
  /// As it stands there; "[hashed name]" for a hashed one.
  std::string names;

  friend bool operator==(const key_name&, const key_name&) = default;
};

/// All names that the key is known by, for the person who is asked about it. Files that cannot be read are
/// passed over: look_up_host_key() has told of them.
std::vector<key_name> names_of_host_key(std::span<const std::string> files, octet_view key_blob);

/// How a new line names the host (HashKnownHosts).
enum class host_name_form { plain, hashed };

/// Appends a line for the key with one write, on disk when this returns. Makes the file (0600) and the
/// folder around it (0700) where they are missing, and ends an unfinished last line first.
///
/// A symbolic link is followed only if it belongs to the user or root: people keep their files elsewhere
/// and link to them, but a link that somebody else laid would choose which file grows.
/// Errors: the system's; errc::malformed for a name that would not stand for this host alone, or a blob
/// that is no key; errc::unsafe_permissions for somebody else's link.
result<void> append_host_key(const std::string& file, std::string_view host, std::uint16_t port,
                             octet_view key_blob, host_name_form form);

/// The same for a host with several names, each as known_hosts_name() gives it.
result<void> append_host_key(const std::string& file, std::span<const std::string> names, octet_view key_blob,
                             host_name_form form);

}  // namespace tunnel::config
