#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/engines.hpp"
#include "support/process.hpp"
#include "support/ssh_server.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

struct tunnel_settings {
  std::string engine = engines().front();
  /// The private key to log in with; the server's own if not set, none if empty.
  std::optional<std::filesystem::path> identity = {};
  /// The server's own if not set.
  std::optional<std::filesystem::path> known_hosts = {};
  /// What -F names.
  std::filesystem::path config_file = "/dev/null";
  /// Never prompts (BatchMode).
  bool batch = true;
  /// Where to listen; one -D each.
  std::vector<std::string> listeners = {"127.0.0.1:0"};
  /// Further arguments, before the destination.
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};
  std::optional<unsigned> descriptor_limit = {};
  /// As in `command`.
  std::filesystem::path terminal = {};
};

/// The program under test, its log in a file (-E).
///
/// The program is named by the environment variable TUNNEL_BINARY, else it is the one that the build made.
class tunnel_process {
 public:
  /// Starts it and does not wait for anything.
  tunnel_process(const ssh_server& server, const tunnel_settings& settings);
  /// Logs in as `user` on 127.0.0.1.
  tunnel_process(std::uint16_t ssh_port, const std::string& user, const tunnel_settings& settings);
  /// With these arguments alone.
  explicit tunnel_process(const std::vector<std::string>& arguments,
                          const std::map<std::string, std::string>& environment = {});

  /// Waits until it listens and is connected. Throws std::runtime_error with its log when it is not.
  void wait_until_ready();

  /// The port of the first listener, of the n-th with an argument. Known once it is ready.
  [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const { return ports_.at(listener); }

  /// The port of the first --dns-listen.
  [[nodiscard]] std::uint16_t dns_port() const;

  /// Whether the log has `text` `times` times before `limit` passes.
  [[nodiscard]] bool logs(std::string_view text, std::size_t times = 1, milliseconds limit = patience) const;

  /// The file that -E names.
  [[nodiscard]] std::filesystem::path log_file() const { return directory_ / "log"; }
  /// What went to the log file, standard error and standard output, one after the other.
  [[nodiscard]] std::string log() const;

  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  void signal(int number) const { process_.signal(number); }
  bool running() { return process_.running(); }
  std::optional<int> wait(milliseconds limit = patience) { return process_.wait(limit); }

 private:
  tunnel_process(const std::vector<std::string>& arguments, const tunnel_settings& settings);

  temp_directory directory_;
  process process_;
  // At how many addresses it is to listen, at least: one line of the log each, one after the other.
  std::size_t listeners_;
  std::vector<std::uint16_t> ports_;
};

/// The program under test.
std::string tunnel_binary();

}  // namespace tunnel::integration
