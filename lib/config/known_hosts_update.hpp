#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "config/known_hosts.hpp"

namespace tunnel::config {

/// The keys that a server says it has.
struct offered_keys {
  /// Those that may be written down.
  std::vector<octets> wanted;
  /// The others: no reason to write or to remove anything.
  std::vector<octets> others = {};
};

/// How the files differ from what a server offers.
struct host_key_changes {
  /// Wanted keys that stand under the first of the host's names.
  std::vector<octets> known;
  /// Wanted keys that stand under none of them.
  std::vector<octets> added;
  /// Keys of the host that were not offered.
  std::vector<octets> removed;
  /// A wanted key lacks one of the names alone.
  bool incomplete = false;
  /// As in ssh, why the files are nevertheless to be left alone; empty: they need not be. Lines with a marker
  /// or with patterns for the host, and keys that stand under other names too, are what somebody arranged.
  std::string obstacle = {};

  [[nodiscard]] bool any() const { return !added.empty() || !removed.empty() || incomplete; }
};

/// Compares the user's files with what the server offers, for UpdateHostKeys. `names` are the host's, as
/// known_hosts_name() gives them: one, or with CheckHostIP also that of its address.
/// Errors: a file that exists but cannot be read; errc::too_large.
result<host_key_changes> compare_host_keys(std::span<const std::string> files,
                                           std::span<const std::string> names, const offered_keys& offered);

/// Brings the files in line with what is offered: lines with other keys of the host go, wanted keys that are
/// missing are added to the first file. Every line that is not for these names stays as it is. Each file is
/// written beside the old one, is on disk, and takes its place with its mode and owner in one step; the
/// target of a symbolic link is, and only if the link belongs to the user or root. One that somebody else
/// wrote to meanwhile is looked at anew.
///
/// Errors: the system's; errc::malformed for a name that would not stand for this host alone;
///   errc::unsafe_permissions for somebody else's link; errc::too_large. The files before the failing one, in
///   order, are changed then.
result<void> update_host_keys(std::span<const std::string> files, std::span<const std::string> names,
                              const offered_keys& offered, host_name_form form);

}  // namespace tunnel::config
