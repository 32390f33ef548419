#pragma once

#include <string>
#include <string_view>

namespace tunnel::config {

/// Whether the text is an IPv4 or IPv6 address rather than a name. An IPv6 address may carry a zone.
bool is_address_literal(std::string_view text);

/// A host's name in the form in which ssh compares and stores it: addresses as getnameinfo(3) prints them
/// (`::0001` becomes `::1`, `127.1` becomes `127.0.0.1`), names in lower case. Nothing is looked up.
std::string canonical_host(std::string_view host);

}  // namespace tunnel::config
