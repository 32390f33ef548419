#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "config/known_hosts.hpp"
#include "config/public_key.hpp"

namespace tunnel::config {

enum class host_marker { none, revoked, cert_authority };

/// A line of known_hosts, split. The views live as long as the line; the key is not looked at yet.
struct known_hosts_line {
  host_marker marker = host_marker::none;
  std::string_view names;
  std::string_view key;
};

/// Nothing: blank, a comment, an unknown marker or a line that breaks off.
std::optional<known_hosts_line> split_known_hosts_line(std::string_view line);

/// Whether the names (a list of patterns, or one hashed name) stand for `name`, which is in lower case.
bool names_match(std::string_view names, std::string_view name);

/// `|1|salt|hash`: HMAC-SHA-1 of the name under the salt.
std::string hashed_name(std::string_view name, octet_view salt);

/// The lines, with their ends, that make the key known for all of the names, which are as known_hosts_name()
/// gives them: one line, or one for each that is hashed, with a salt of its own. No names, no lines.
///
/// Errors: errc::malformed for a name that would not stand for this host alone, or a blob that is no key.
result<std::string> known_hosts_lines(std::span<const std::string> names, octet_view key_blob,
                                      host_name_form form);

}  // namespace tunnel::config
