#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Destination : public scenario {
 protected:
  /// Starts the tunnel with these arguments after the ones that every way of naming a server shares.
  void connects_with(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--engine", engine(), "-F", "/dev/null", "-D", "127.0.0.1:0", "-i",
                                         server().user_key().private_file.string(), "-o", "BatchMode=yes",
                                         "-o", "UserKnownHostsFile=" + server().known_hosts().string(), "-o",
                                         "GlobalKnownHostsFile=/dev/null"});
    tunnel_process tunnel(arguments);
    tunnel.wait_until_ready();
  }
};

TEST_P(Destination, MayBeNamedInSeveralWays) {
  start_server();
  const auto user = server().user();
  const auto ssh_port = std::to_string(server().port());
  connects_with({"ssh://" + user + "@127.0.0.1:" + ssh_port});
  connects_with({"-p", ssh_port, "-l", user, "127.0.0.1"});
  connects_with({"-o", "Port=" + ssh_port, "-o", "User " + user, "127.0.0.1"});
}

TUNNEL_RUN_SCENARIO(Destination, openssh_only);

}  // namespace
}  // namespace tunnel::integration
