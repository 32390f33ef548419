#include "support/agent.hpp"

#include <stdexcept>

#include "support/askpass.hpp"

namespace tunnel::integration {

agent::agent() : process_({.arguments = {"ssh-agent", "-D", "-a", socket()}}) {
  if (!eventually([this] { return std::filesystem::exists(socket()); }))
    throw timed_out("the agent's socket: " + process_.errors());
}

void agent::add(const ssh_key& key, const std::vector<std::string>& options) const {
  command adding{.arguments = {"ssh-add", "-q"}, .environment = environment()};
  adding.arguments.insert(adding.arguments.end(), options.begin(), options.end());
  adding.arguments.push_back(key.private_file.string());
  const auto added = run(adding);
  if (added.exit_code != 0) throw std::runtime_error("ssh-add: " + added.errors);
}

void agent::ask_with(const std::string& option, const std::string& password) const {
  const temp_directory files;
  command asking{.arguments = {"ssh-add", option}, .environment = answering(files, password)};
  asking.environment.merge(environment());
  const auto asked = run(asking);
  if (asked.exit_code != 0) throw std::runtime_error("ssh-add: " + asked.errors);
}

std::map<std::string, std::string> agent::environment() const {
  return {{"SSH_AUTH_SOCK", socket()}};
}

}  // namespace tunnel::integration
