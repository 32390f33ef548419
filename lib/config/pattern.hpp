#pragma once

#include <string_view>

/// ssh_config(5), PATTERNS: `*` is any number of octets, `?` exactly one.
namespace tunnel::config {

/// Whether the whole text matches one pattern. Case counts. Time is at most the product of both lengths.
bool matches(std::string_view text, std::string_view pattern);

/// What a list of patterns says: a negated pattern that matches wins over all others.
enum class list_match { none, positive, negative };

/// Matches a comma-separated list whose members may be negated with `!`.
list_match match_list(std::string_view text, std::string_view list);

/// The same for host names, where case does not count.
list_match match_host_list(std::string_view host, std::string_view list);

}  // namespace tunnel::config
