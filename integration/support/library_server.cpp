#include "support/library_server.hpp"

#include <stdexcept>

namespace tunnel::integration {
namespace {

const std::string scripts = TUNNEL_INTEGRATION "/servers/";

/// An interpreter and its script.
command script_of(server_kind kind) {
  // The system's own Python, which has Debian's packages.
  const std::string python = "/usr/bin/python3";
  switch (kind) {
    case server_kind::asyncssh:
      return {.arguments = {python, scripts + "asyncssh_server.py"}};
    case server_kind::paramiko:
      return {.arguments = {python, scripts + "paramiko_server.py"}};
    case server_kind::twisted:
      return {.arguments = {python, scripts + "twisted_server.py"}};
    case server_kind::erlang:
      return {.arguments = {"escript", scripts + "erlang_server.escript"}};
    case server_kind::ssh2:
      return {.arguments = {"node", scripts + "ssh2_server.js"},
              .environment = {{"NODE_PATH", TUNNEL_NODE_MODULES}}};
    case server_kind::openssh:
    case server_kind::dropbear:
      break;
  }
  throw std::logic_error(name_of(kind) + " is no script");
}

}  // namespace

// Erlang finds the key by this name.
std::filesystem::path library_server::host_key_file() const {
  const auto& type = settings().host_key_type;
  return file("ssh_host_" + type.substr(0, type.find(':')) + "_key");
}

std::string library_server::prepare() {
  if (kind_ == server_kind::ssh2 && !std::filesystem::exists(TUNNEL_NODE_MODULES "/ssh2"))
    throw std::runtime_error("npm's ssh2 is not in " TUNNEL_NODE_MODULES ", where scripts/test installs it");
  write_file(file("authorized_keys"), user_key().public_line() + '\n');
  return make_key(host_key_file(), settings().host_key_type).public_line();
}

command library_server::start_command() const {
  command start = script_of(kind_);
  start.arguments.insert(start.arguments.end(), {std::to_string(port()), user(), host_key_file().string(),
                                                 file("authorized_keys").string()});
  start.arguments.insert(start.arguments.end(), settings().config.begin(), settings().config.end());
  return start;
}

}  // namespace tunnel::integration
