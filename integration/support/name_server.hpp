#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/origin.hpp"
#include "support/process.hpp"

namespace tunnel::integration {

/// A dnsmasq on a loopback address that knows the records it is told and nothing else; no configuration of
/// the system's is read.
class name_server {
 public:
  /// `records` are options of dnsmasq's: "host-record=www.names.test,127.0.0.1". Port 0 picks one. Throws
  /// std::runtime_error when it does not come up.
  explicit name_server(const std::vector<std::string>& records, const std::string& address = "127.0.0.1",
                       std::uint16_t port = 0);
  ~name_server() { stop(); }
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;

  /// A loopback address that no other test uses, for a port 53 that only root can have.
  static std::string address_of_our_own();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// "127.0.0.1:5300", as --dns takes it.
  [[nodiscard]] std::string address() const { return address_ + ':' + std::to_string(port_); }

  /// Ends it, with the processes that serve TCP clients; the port is free then.
  void stop();

 private:
  std::string address_;
  std::uint16_t port_;
  std::optional<process> process_;
};

/// Answers queries by TCP, as they come, with 127.0.0.1, and never one for a name that begins with "slow".
origin::handler partly_silent_name_server();

}  // namespace tunnel::integration
