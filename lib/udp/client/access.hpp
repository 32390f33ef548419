#pragma once

#include <memory>
#include <string>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "ssh/channel.hpp"
#include "ssh/command.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::udp {

/// What an SSH connection is asked for by ways for datagrams. Each waits no longer than a person would.
///
/// Thread: the connection's.
class access {
 public:
  access() = default;
  access(const access&) = delete;
  access& operator=(const access&) = delete;
  virtual ~access() = default;

  virtual asio::any_io_executor executor() = 0;

  /// As ssh::connection::open_direct_tcpip().
  virtual awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_tcpip(ssh::endpoint target) = 0;

  /// As ssh::connection::run().
  virtual awaitable<result<std::unique_ptr<ssh::channel>>> run(std::string command,
                                                               ssh::command_observer& told) = 0;
};

}  // namespace tunnel::udp
