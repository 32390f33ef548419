#include "support/agent.hpp"

#include <stdexcept>

namespace tunnel::integration {

agent::agent() : process_({.arguments = {"ssh-agent", "-D", "-a", socket()}}) {
  if (!eventually([this] { return std::filesystem::exists(socket()); }))
    throw timed_out("the agent's socket: " + process_.errors());
}

void agent::add(const ssh_key& key) const {
  const auto added =
      run({.arguments = {"ssh-add", "-q", key.private_file.string()}, .environment = environment()});
  if (added.exit_code != 0) throw std::runtime_error("ssh-add: " + added.errors);
}

std::map<std::string, std::string> agent::environment() const {
  return {{"SSH_AUTH_SOCK", socket()}};
}

}  // namespace tunnel::integration
