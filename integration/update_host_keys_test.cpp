#include <gmock/gmock.h>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// known_hosts follows the keys that the server has (UpdateHostKeys).
class UpdateHostKeys : public scenario {
 protected:
  /// With a host key of another type beside its own.
  void start_with_two_keys() {
    other_ = make_key(files() / "other", "ecdsa");
    start_server({.config = {"HostKey " + (files() / "other").string()}});
    write_file(known_hosts(), known(server().host_key_line()));
  }
  /// A line of known_hosts.
  std::string known(const std::string& key) { return server().host_in_known_hosts() + ' ' + key + '\n'; }

  std::filesystem::path known_hosts() { return files() / "known_hosts"; }
  std::string content() { return read_file(known_hosts()); }

  tunnel_process& start(std::vector<std::string> options) {
    std::vector<std::string> arguments;
    for (auto& each : options) arguments.insert(arguments.end(), {"-o", std::move(each)});
    return start_tunnel({.known_hosts = known_hosts(), .arguments = std::move(arguments)});
  }
  /// "ecdsa-sha2-nistp256 AAAA...", without a comment.
  std::string other_line() const {
    const auto line = other_.public_line();
    return line.substr(0, line.find(' ', line.find(' ') + 1));
  }
  [[nodiscard]] bool is_native() { return engine() == "native"; }
  bool still_works() {
    const origin target(echo());
    const auto flow = connect_through(port(), {"127.0.0.1", target.port()});
    return echoes(flow, "data");
  }

  ssh_key other_;
};

TEST_P(UpdateHostKeys, LearnTheServersOtherKeysAndDropThoseThatItNoLongerHas) {
  start_with_two_keys();
  const auto old = make_key(files() / "old");
  write_file(known_hosts(), "# mine\n" + known(old.public_line()) + known(server().host_key_line()));
  start({"UpdateHostKeys=yes"});
  if (is_native()) {
    EXPECT_TRUE(eventually([&] { return content().find(other_line()) != std::string::npos; }));
    EXPECT_EQ(content(), "# mine\n" + known(server().host_key_line()) + known(other_line()));
    EXPECT_TRUE(tunnel().logs("learned another host key"));
  } else {
    EXPECT_TRUE(still_works());
    EXPECT_THAT(content(), Not(HasSubstr(other_line()))) << "libssh2 says nothing of them";
  }
}

TEST_P(UpdateHostKeys, AreNotHeededUnlessTheUserWantsThem) {
  start_with_two_keys();
  const auto before = content();
  // The default with a file of the user's own choice.
  start({});
  EXPECT_TRUE(still_works());
  EXPECT_EQ(content(), before);
}

TEST_P(UpdateHostKeys, AreHashedWhereNamesAre) {
  start_with_two_keys();
  start({"UpdateHostKeys=yes", "HashKnownHosts=yes"});
  if (!is_native()) return;
  EXPECT_TRUE(eventually([&] { return content().find(other_line()) != std::string::npos; }));
  EXPECT_THAT(content(), HasSubstr("\n|1|"));
  // ssh finds the key there.
  const auto found =
      run({.arguments = {"ssh-keygen", "-F", server().host_in_known_hosts(), "-f", known_hosts().string()}});
  EXPECT_THAT(found.output, HasSubstr(other_line()));
}

TUNNEL_RUN_SCENARIO(UpdateHostKeys, openssh_only);

}  // namespace
}  // namespace tunnel::integration
