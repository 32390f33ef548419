#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aio/asio.hpp"
#include "base/error.hpp"

namespace tunnel::aio {

/// How a TCP connection's own end is to be (ssh's BindAddress, BindInterface, IPQoS and TCPKeepAlive).
struct socket_choices {
  /// The address to connect from, or a name that stands for it. Empty: as the system sees fit.
  std::string bind_address = {};
  /// The interface whose address is the one to connect from, unless there is a `bind_address`.
  std::string bind_interface = {};
  /// The IP header's octet for it. Nothing: the system's own.
  std::optional<std::uint8_t> type_of_service = std::nullopt;
  bool keep_alive = true;
};

/// Opens the socket for a connection to `peer`, with the options and the own address that were chosen.
///
/// Errors: one sentence naming the address or interface that cannot be used. Options that the system does not
/// take are passed over, as by ssh. Thread: the socket's executor.
awaitable<result<void>> open_socket(tcp::socket& socket, tcp::endpoint peer, const socket_choices& choices);

}  // namespace tunnel::aio
