#pragma once

#include <memory>

#include "dns/resolver.hpp"
#include "dns/server_directory.hpp"
#include "udp/client/ways.hpp"

namespace tunnel {

/// What UDP associations, which live on the threads of SSH connections, need of names, which are looked up on
/// the accepting thread.
udp::dns_exchange dns_for_datagrams(std::shared_ptr<dns::server_directory> servers);
udp::resolver names_for_datagrams(std::shared_ptr<dns::resolver> names);

}  // namespace tunnel
