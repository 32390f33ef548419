#include "support/tunnel_process.hpp"

#include <cstdlib>
#include <regex>
#include <stdexcept>

namespace tunnel::integration {
namespace {

std::vector<std::string> arguments_for(std::uint16_t ssh_port, const std::string& user,
                                       const tunnel_settings& settings) {
  std::vector<std::string> all{"--engine", settings.engine,
                               "-F",       settings.config_file.string(),
                               "-p",       std::to_string(ssh_port),
                               "-o",       "GlobalKnownHostsFile=/dev/null",
                               "-o",       "UserKnownHostsFile=" + settings.known_hosts->string(),
                               "-v"};
  if (!settings.identity->empty()) {
    all.insert(all.end(), {"-i", settings.identity->string(), "-o", "IdentitiesOnly=yes"});
  }
  if (settings.batch) all.insert(all.end(), {"-o", "BatchMode=yes"});
  for (const auto& listener : settings.listeners) all.insert(all.end(), {"-D", listener});
  all.insert(all.end(), settings.arguments.begin(), settings.arguments.end());
  all.push_back(user + "@127.0.0.1");
  return all;
}

tunnel_settings with_defaults(tunnel_settings settings, const ssh_server& server) {
  if (!settings.identity) settings.identity = server.user_key().private_file;
  if (!settings.known_hosts) settings.known_hosts = server.known_hosts();
  return settings;
}

command command_for(const std::vector<std::string>& arguments, const temp_directory& directory,
                    const tunnel_settings& settings) {
  command start{.arguments = {tunnel_binary(), "-E", (directory / "log").string()}};
  start.arguments.insert(start.arguments.end(), arguments.begin(), arguments.end());
  start.environment = settings.environment;
  // So that no key or configuration of whoever runs the tests is found.
  start.environment.emplace("HOME", directory.path().string());
  start.descriptor_limit = settings.descriptor_limit;
  start.terminal = settings.terminal;
  return start;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++found;
  return found;
}

std::vector<std::uint16_t> listening_ports(const std::string& log) {
  static const std::regex line(R"(listening on (\S+):(\d+))");
  std::vector<std::uint16_t> ports;
  for (std::sregex_iterator match(log.begin(), log.end(), line), end; match != end; ++match)
    ports.push_back(static_cast<std::uint16_t>(std::stoul((*match)[2])));
  return ports;
}

}  // namespace

std::string tunnel_binary() {
  const char* chosen = std::getenv("TUNNEL_BINARY");
  return chosen != nullptr ? chosen : TUNNEL_BINARY;
}

tunnel_process::tunnel_process(const std::vector<std::string>& arguments, const tunnel_settings& settings)
    : process_(command_for(arguments, directory_, settings)), listeners_(settings.listeners.size()) {}

tunnel_process::tunnel_process(const ssh_server& server, const tunnel_settings& settings)
    : tunnel_process(server.port(), server.user(), with_defaults(settings, server)) {}

tunnel_process::tunnel_process(std::uint16_t ssh_port, const std::string& user,
                               const tunnel_settings& settings)
    : tunnel_process(arguments_for(ssh_port, user, settings), settings) {}

tunnel_process::tunnel_process(const std::vector<std::string>& arguments,
                               const std::map<std::string, std::string>& environment)
    : tunnel_process(arguments, tunnel_settings{.environment = environment}) {}

void tunnel_process::wait_until_ready() {
  const bool answered = eventually([this] {
    if (!process_.running()) return true;
    const auto text = log();
    return count(text, "listening on ") >= listeners_ && count(text, "connected to ") > 0;
  });
  if (!answered || !process_.running()) throw std::runtime_error("the tunnel did not come up:\n" + log());
  ports_ = listening_ports(log());
}

std::uint16_t tunnel_process::dns_port() const {
  static const std::regex line(R"(answering DNS on (\S+):(\d+))");
  std::string text;
  std::smatch match;
  // It is said after the SOCKS listener is there.
  const bool said = eventually([&] {
    text = log();
    return std::regex_search(text, match, line);
  });
  if (!said) throw std::runtime_error("no DNS port in the log:\n" + text);
  return static_cast<std::uint16_t>(std::stoul(match[2]));
}

bool tunnel_process::logs(std::string_view text, std::size_t times, milliseconds limit) const {
  return eventually([&] { return count(log(), text) >= times; }, limit);
}

std::string tunnel_process::log() const {
  return read_file(directory_ / "log") + process_.errors() + process_.output();
}

}  // namespace tunnel::integration
