#pragma once

#include <string_view>

#include "base/error.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::dns {

/// Parses a name server as --dns names it: `ADDRESS[:port]`, an IPv6 address with a port in brackets; without
/// a port it is 53. Errors: a sentence; names are no addresses.
result<ssh::endpoint> parse_server(std::string_view text);

}  // namespace tunnel::dns
