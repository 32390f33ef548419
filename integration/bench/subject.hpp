#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "process.hpp"
#include "sockets.hpp"
#include "ssh_server.hpp"

namespace tunnel::bench {

/// A program that is measured: one that understands ssh's options, -D among them.
struct subject {
  /// As the report calls it.
  std::string name;
  /// The program and what it needs beside the options that all subjects get.
  std::vector<std::string> command;
};

/// A subject at work: connected through `ssh_port` of loopback and known to carry flows.
class running_subject {
 public:
  /// Starts it and waits until an echo through it succeeds; `echo_port` is where. Throws run_failure
  /// with the program's own last words when that takes until `deadline`, or when it ends before.
  running_subject(const subject& what, const ssh_server& server, std::uint16_t ssh_port,
                  std::uint16_t echo_port, clock::time_point deadline);

  [[nodiscard]] std::uint16_t socks_port() const { return socks_port_; }
  [[nodiscard]] pid_t id() const { return process_.id(); }
  [[nodiscard]] bool is_running() { return process_.is_running(); }

 private:
  void await_echo(std::uint16_t echo_port, clock::time_point deadline);

  std::filesystem::path log_;
  std::uint16_t socks_port_;
  process process_;
};

}  // namespace tunnel::bench
