#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel::dns {

/// What /etc/resolv.conf says (resolv.conf(5)), as far as it counts here: as glibc reads it.
struct resolv_conf {
  static constexpr std::size_t max_servers = 3;
  static constexpr std::size_t max_search = 32;
  static constexpr unsigned max_ndots = 15;

  /// Addresses, an IPv6 one perhaps with "%interface" behind. Never empty: without any it is 127.0.0.1.
  std::vector<std::string> servers;
  /// Domains to append to short names, without dots at their ends.
  std::vector<std::string> search;
  /// A name with as many dots is tried as it is first.
  unsigned ndots = 1;
};

/// Reads the file's text. Lines that mean nothing are passed over, whatever they hold.
resolv_conf parse_resolv_conf(std::string_view text);

/// The names to look up, in order, for one that a client gave: with the search list's domains, unless it ends
/// in a dot. Those that would be longer than a name can be are left out.
std::vector<std::string> candidates(std::string_view name, const resolv_conf& by);

}  // namespace tunnel::dns
