#include <gmock/gmock.h>

#include <csignal>
#include <sstream>

#include "support/scenario.hpp"
#include "support/transfer.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int could_not_connect = 255;

// Two jump hosts, "one" and "two", each with a host key, a user key and known hosts of its own.
class Jump : public scenario {
 protected:
  void start_hops(server_settings first = {}, server_settings second = {}) {
    one_ = make_server(kind_of_server(), std::move(first));
    two_ = make_server(kind_of_server(), std::move(second));
    start_server();
    configure("");
  }

  // `more` comes first.
  void configure(const std::string& more) {
    write_file(config(), more + block("one", *one_) + block("two", *two_));
  }

  static std::string block(const std::string& name, const ssh_server& hop) {
    std::ostringstream text;
    text << "Host " << name << "\n  HostName 127.0.0.1\n  Port " << hop.port() << "\n  User " << hop.user()
         << "\n  IdentityFile " << hop.user_key().private_file.string()
         << "\n  IdentitiesOnly yes\n  GlobalKnownHostsFile /dev/null\n  UserKnownHostsFile "
         << hop.known_hosts().string() << '\n';
    return text.str();
  }

  tunnel_settings through(const std::string& hops) {
    return {.config_file = config(), .arguments = {"-J", hops}};
  }

  std::string outcome(const std::string& hops) {
    launch_tunnel(through(hops));
    EXPECT_EQ(tunnel().wait(), could_not_connect);
    return tunnel().log();
  }

  std::filesystem::path config() { return files() / "config"; }
  ssh_server& one() { return *one_; }
  ssh_server& two() { return *two_; }

 private:
  std::unique_ptr<ssh_server> one_;
  std::unique_ptr<ssh_server> two_;
};

TEST_P(Jump, HostsInARowLeadToTheServer) {
  const origin target(echo());
  start_hops();
  start_tunnel(through("one,two"));
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "far away"));
  EXPECT_FALSE(one().sessions().empty());
  EXPECT_FALSE(two().sessions().empty());
  EXPECT_EQ(exchange_patterns(port(), std::size_t{8} << 20U, patience), "");
  tunnel().signal(SIGTERM);
  EXPECT_EQ(tunnel().wait(), 0);
  EXPECT_TRUE(eventually([this] { return one().sessions().empty() && two().sessions().empty(); }));
}

TEST_P(Jump, HostsOfTheConfigurationAreFollowedFromOneToTheNext) {
  start_hops();
  configure("Host 127.0.0.1\n  ProxyJump two\nHost two\n  ProxyJump one\n");
  start_tunnel({.config_file = config()});
  EXPECT_FALSE(one().sessions().empty());
  EXPECT_FALSE(two().sessions().empty());
}

TEST_P(Jump, HostWithAnUnknownKeyIsRefusedByName) {
  start_hops();
  configure("Host two\n  UserKnownHostsFile " + (files() / "nobody").string() + '\n');
  EXPECT_THAT(outcome("one,two"), AllOf(HasSubstr("jump host 2 (two): "), HasSubstr("SHA256:")));
}

TEST_P(Jump, HostThatRefusesTheUsersKeyIsNamed) {
  start_hops();
  const auto other = make_key(files() / "other");
  write_file(config(), "Host one\n  IdentityFile " + other.private_file.string() +
                           "\n  BatchMode yes\n  HostName 127.0.0.1\n  Port " + std::to_string(one().port()) +
                           "\n  User " + one().user() + "\n  IdentitiesOnly yes\n  UserKnownHostsFile " +
                           one().known_hosts().string() + '\n');
  const auto log = outcome("one");
  EXPECT_THAT(log, AllOf(HasSubstr("jump host 1 (one): "), HasSubstr("Permission denied")));
  EXPECT_TRUE(explained(log, "jump-failed"));
}

TEST_P(Jump, HostThatIsNotThereIsNamed) {
  start_hops();
  one().stop();
  EXPECT_THAT(outcome("one,two"),
              AllOf(HasSubstr("jump host 1 (one): connect to host 127.0.0.1"), HasSubstr("refused")));
}

TEST_P(Jump, HostThatCannotReachTheNextIsNamed) {
  start_hops();
  two().stop();
  EXPECT_THAT(outcome("one,two"), HasSubstr("jump host 1 (one): it could not connect to 127.0.0.1:" +
                                            std::to_string(two().port())));
}

TEST_P(Jump, HostThatDoesNotAnswerIsGivenUp) {
  start_hops();
  one().freeze();
  stopwatch time;
  auto settings = through("one");
  settings.arguments.insert(settings.arguments.end(), {"--connect-timeout", "2"});
  launch_tunnel(settings);
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_LT(time.elapsed(), seconds(10));
  EXPECT_THAT(tunnel().log(), AllOf(HasSubstr("jump host 1 (one): "), HasSubstr("within 2 s")));
  one().thaw();
}

TEST_P(Jump, HostThatIsLostIsReachedAnew) {
  const origin target(echo());
  start_hops();
  start_tunnel(through("one,two"));
  for (const auto session : one().sessions()) ::kill(session, SIGKILL);
  EXPECT_TRUE(tunnel().logs("jump host 1 (one): "));
  EXPECT_TRUE(eventually([&] {
    const auto again = ask(port(), socks_version::v5, {"127.0.0.1", target.port()});
    return again.code == reply::succeeded && echoes(again.stream, "again");
  }));
}

TUNNEL_RUN_SCENARIO(Jump, every_daemon);

class JumpOpenssh : public Jump {};

TEST_P(JumpOpenssh, ThatForbidsForwardingIsNamedWithWhatToAskFor) {
  start_hops({}, {.config = {"PermitOpen none"}});
  const auto log = outcome("one,two");
  EXPECT_THAT(log, HasSubstr("jump host 2 (two): its SSH server forbids connections to"));
  EXPECT_TRUE(explained(log, "jump-forbidden"));
}

TEST_P(JumpOpenssh, HostsInCirclesAreRefused) {
  start_hops();
  configure("Host *\n  ProxyJump two\n");
  launch_tunnel({.config_file = config()});
  EXPECT_EQ(tunnel().wait(), 2);
  EXPECT_THAT(tunnel().log(), HasSubstr("goes round in circles"));
}

TUNNEL_RUN_SCENARIO(JumpOpenssh, openssh_only);

}  // namespace
}  // namespace tunnel::integration
