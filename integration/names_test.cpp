#include <unistd.h>

#include "support/blackhole.hpp"
#include "support/name_server.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

/// Names that only a name server knows, which only the SSH server is to reach.
class Names : public scenario {
 protected:
  std::string fetch(const std::string& scheme, const std::string& host, std::uint16_t target) {
    const auto got = run({.arguments = {"curl", "-q", "-sS", "--noproxy", "", "--max-time", "20", "-x",
                                        scheme + "://127.0.0.1:" + std::to_string(port()),
                                        "http://" + host + ':' + std::to_string(target) + '/'}},
                         seconds(30));
    return got.exit_code == 0 ? got.output : got.errors;
  }

  void start_with(const std::string& server) { start_tunnel({.arguments = {"--dns", server}}); }

  origin page_{web_page("the page")};
};

TEST_P(Names, AreLookedUpThroughTheTunnel) {
  const name_server names(
      {"host-record=www.names.test,127.0.0.1,::1", "cname=alias.names.test,www.names.test"});
  start_with(names.address());
  EXPECT_EQ(fetch("socks5h", "www.names.test", page_.port()), "the page");
  EXPECT_EQ(fetch("socks5h", "alias.names.test", page_.port()), "the page");
  EXPECT_EQ(fetch("socks4a", "www.names.test", page_.port()), "the page");
  EXPECT_EQ(fetch("socks5h", "localhost", page_.port()), "the page");
}

TEST_P(Names, ThatDoNotExistAreHostUnreachable) {
  const name_server names({"address=/none.test/"});
  start_with(names.address());
  EXPECT_EQ(ask(port(), socks_version::v5, {"www.none.test", 80}).code, reply::host_unreachable);
  EXPECT_EQ(ask(port(), socks_version::v4a, {"www.none.test", 80}).code, reply::v4_rejected);
}

TEST_P(Names, AreHostUnreachableWithoutANameServer) {
  start_with("127.0.0.1:" + std::to_string(free_port()));
  EXPECT_EQ(ask(port(), socks_version::v5, {"www.names.test", 80}).code, reply::host_unreachable);
  EXPECT_TRUE(tunnel().logs("cannot be reached by TCP from the SSH server"));
}

TEST_P(Names, LeadToIpv4WhereIpv6IsRefused) {
  const name_server names({"host-record=www.names.test,127.0.0.1,::1"});
  const tcp_listener target;
  start_with(names.address());
  EXPECT_EQ(ask(port(), socks_version::v5, {"www.names.test", target.port()}).code, reply::succeeded);
}

TEST_P(Names, LeadToIpv4WhereIpv6DoesNotAnswer) {
  const name_server names({"host-record=www.names.test,127.0.0.1,::1"});
  const tcp_listener target;
  const blackhole hole("::1", target.port());
  start_with(names.address());
  const stopwatch watch;
  EXPECT_EQ(ask(port(), socks_version::v5, {"www.names.test", target.port()}).code, reply::succeeded);
  EXPECT_LT(watch.elapsed(), seconds(2));
}

TEST_P(Names, ThatTakeLongDelayNobodyElse) {
  const origin names(partly_silent_name_server());
  start_with("127.0.0.1:" + std::to_string(names.port()));
  // Behind it on the same channel, and while it waits.
  const auto slow = tcp_stream::connect("127.0.0.1", port());
  slow.send(v5_greeting() + v5_request({"slow.names.test", 80}));
  for (int i = 0; i < 5; ++i) {
    const stopwatch watch;
    EXPECT_EQ(ask(port(), socks_version::v5, {"n" + std::to_string(i) + ".names.test", page_.port()}).code,
              reply::succeeded);
    EXPECT_LT(watch.elapsed(), seconds(1));
  }
  read_v5_method(slow);
  EXPECT_FALSE(slow.readable(milliseconds(0)));
}

TEST_P(Names, AreLookedUpAgainAfterTheNameServerCameBack) {
  name_server names({"host-record=www.names.test,127.0.0.1"});
  start_with(names.address());
  EXPECT_EQ(fetch("socks5h", "www.names.test", page_.port()), "the page");
  names.stop();
  const name_server anew({"host-record=new.names.test,127.0.0.1"}, "127.0.0.1", names.port());
  EXPECT_EQ(fetch("socks5h", "new.names.test", page_.port()), "the page");
}

TEST_P(Names, AreLookedUpAsTheServerDoesWithAuto) {
  // An address of the loopback that no other test has: a resolv.conf has no ports.
  const auto address = name_server::address_of_our_own();
  start_server({.resolv_conf = "nameserver " + address + "\nsearch names.test\noptions ndots:1\n"});
  // Others than root cannot have that port; then there is nobody to answer.
  const bool may_answer = ::geteuid() == 0;
  std::optional<name_server> names;
  if (may_answer)
    names.emplace(std::vector<std::string>{"host-record=www.names.test,127.0.0.1"}, address, 53);
  start_with("auto");
  const auto code = ask(port(), socks_version::v5, {"www", page_.port()}).code;
  EXPECT_EQ(code, may_answer ? reply::succeeded : reply::host_unreachable);
  EXPECT_THAT(tunnel().log(), HasSubstr("/etc/resolv.conf says: by " + address + ":53"));
}

TUNNEL_RUN_SCENARIO(Names, every_daemon);

}  // namespace
}  // namespace tunnel::integration
