#include "subject.hpp"

#include <poll.h>

#include <thread>

#include "flows.hpp"
#include "load.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

std::filesystem::path new_log(const ssh_server& server, const char* name) {
  auto log = server.folder() / name;
  std::filesystem::remove(log);
  return log;
}

std::string on_loopback(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

bool is_listening(std::uint16_t port) {
  const descriptor socket = connect_to_loopback(port);
  pollfd wait{socket.get(), POLLOUT, 0};
  return poll(&wait, 1, 200) > 0 && (wait.revents & POLLHUP) == 0 && pending_error(socket.get()) == 0;
}

std::vector<std::string> command_line(const subject& what, const ssh_server& server, std::uint16_t ssh_port,
                                      std::uint16_t socks_port) {
  std::vector<std::string> words = what.command;
  words.insert(words.end(),
               {"-F", "/dev/null", "-p", std::to_string(ssh_port), "-i", server.user_key(), "-o",
                "UserKnownHostsFile=" + server.known_hosts().string(), "-o", "GlobalKnownHostsFile=/dev/null",
                "-o", "BatchMode=yes", "-D", on_loopback(socks_port), server.user() + "@127.0.0.1"});
  return words;
}

}  // namespace

running_subject::running_subject(const subject& what, const ssh_server& server, std::uint16_t ssh_port,
                                 std::uint16_t echo_port, clock::time_point deadline)
    : log_(new_log(server, "subject.log")), socks_port_(what.is_nothing() ? no_proxy : free_port()) {
  if (!what.is_nothing()) {
    auto words = command_line(what, server, ssh_port, socks_port_);
    if (!what.gateway.empty()) {
      start_gateway(what.gateway, server, deadline);
      words.insert(words.end() - 1, {"--udp-gateway", on_loopback(gateway_port_)});
    }
    process_.emplace(words, log_);
  }
  await_echo(echo_port, deadline);
}

void running_subject::start_gateway(std::vector<std::string> command, const ssh_server& server,
                                    clock::time_point deadline) {
  gateway_port_ = free_port();
  command.push_back(std::to_string(gateway_port_));
  const auto log = new_log(server, "gateway.log");
  gateway_.emplace(command, log);
  while (!is_listening(gateway_port_)) {
    if (!gateway_->is_running() || clock::now() >= deadline)
      throw run_failure("the gateway does not listen: " + last_line(log));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void running_subject::await_echo(std::uint16_t echo_port, clock::time_point deadline) {
  for (;;) {
    try {
      load probe(deadline);
      probe.start<echo_flow>(socks_port_, echo_port, 1U);
      return probe.run_until([&] { return probe.completed() == 1; }, "the first echo");
    } catch (const run_failure& failure) {
      const bool ended = !is_running();
      if (ended || clock::now() >= deadline) {
        throw run_failure((ended ? "ended at its start: " : "not ready: ") + last_line(log_) + " (" +
                          failure.what() + ")");
      }
    }
    // Refused as yet: it is still connecting.
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace tunnel::bench
