#include "subject.hpp"

#include <thread>

#include "flows.hpp"
#include "load.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

std::filesystem::path new_log(const ssh_server& server) {
  auto log = server.folder() / "subject.log";
  std::filesystem::remove(log);
  return log;
}

std::vector<std::string> command_line(const subject& what, const ssh_server& server, std::uint16_t ssh_port,
                                      std::uint16_t socks_port) {
  std::vector<std::string> words = what.command;
  words.insert(words.end(), {"-F", "/dev/null", "-p", std::to_string(ssh_port), "-i", server.user_key(), "-o",
                             "UserKnownHostsFile=" + server.known_hosts().string(), "-o",
                             "GlobalKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-D",
                             "127.0.0.1:" + std::to_string(socks_port), server.user() + "@127.0.0.1"});
  return words;
}

}  // namespace

running_subject::running_subject(const subject& what, const ssh_server& server, std::uint16_t ssh_port,
                                 std::uint16_t echo_port, clock::time_point deadline)
    : log_(new_log(server)),
      socks_port_(free_port()),
      process_(command_line(what, server, ssh_port, socks_port_), log_) {
  await_echo(echo_port, deadline);
}

void running_subject::await_echo(std::uint16_t echo_port, clock::time_point deadline) {
  for (;;) {
    try {
      load probe(deadline);
      probe.start<echo_flow>(socks_port_, echo_port, 1U);
      return probe.run_until([&] { return probe.completed() == 1; }, "the first echo");
    } catch (const run_failure& failure) {
      const bool ended = !process_.is_running();
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
