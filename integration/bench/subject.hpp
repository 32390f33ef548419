#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "process.hpp"
#include "sockets.hpp"
#include "ssh_server.hpp"

namespace tunnel::bench {

/// What is measured: a program that understands ssh's options, -D among them, or nothing between the
/// clients and the far end.
struct subject {
  /// As the report calls it.
  std::string name;
  /// The program and what it needs beside the options that all subjects get. Empty for nothing.
  std::vector<std::string> command;
  /// A relay on the server's side for datagrams, which takes a port of loopback to listen on as its last
  /// argument. The subject is told of it by --udp-gateway. Empty for none.
  std::vector<std::string> gateway{};

  [[nodiscard]] bool is_nothing() const { return command.empty(); }
};

/// A subject at work: connected through `ssh_port` of loopback and known to carry flows.
class running_subject {
 public:
  /// Starts it and waits until an echo through it succeeds; `echo_port` is where. Throws run_failure
  /// with the program's own last words when that takes until `deadline`, or when it ends before.
  running_subject(const subject& what, const ssh_server& server, std::uint16_t ssh_port,
                  std::uint16_t echo_port, clock::time_point deadline);

  /// no_proxy for nothing.
  [[nodiscard]] std::uint16_t socks_port() const { return socks_port_; }
  /// 0 for nothing.
  [[nodiscard]] pid_t id() const { return process_ ? process_->id() : 0; }
  [[nodiscard]] bool is_running() { return !process_ || process_->is_running(); }

 private:
  void start_gateway(std::vector<std::string> command, const ssh_server& server, clock::time_point deadline);
  void await_echo(std::uint16_t echo_port, clock::time_point deadline);

  std::filesystem::path log_;
  std::uint16_t socks_port_;
  std::uint16_t gateway_port_ = 0;
  std::optional<process> gateway_;
  std::optional<process> process_;
};

}  // namespace tunnel::bench
