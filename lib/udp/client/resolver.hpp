#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "socks/address.hpp"

namespace tunnel::udp {

/// Finds the addresses of a name, best first, through the SSH connection: for far ends that know addresses
/// alone. The ports of the addresses mean nothing. Called on the connection's thread.
using resolver = std::function<awaitable<result<std::vector<socks::address>>>(std::string name)>;

}  // namespace tunnel::udp
