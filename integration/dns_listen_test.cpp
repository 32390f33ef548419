#include "support/name_server.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

class DnsListen : public scenario {
 protected:
  void start() { start_tunnel({.arguments = {"--dns", names_.address(), "--dns-listen", "0"}}); }

  std::string dig(std::vector<std::string> options) {
    std::vector<std::string> arguments{"dig",      "@127.0.0.1", "-p", std::to_string(tunnel().dns_port()),
                                       "+tries=1", "+time=15"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run({.arguments = arguments}).output;
  }

  static std::string long_text() {
    std::string record = "txt-record=long.names.test";
    for (int i = 0; i < 12; ++i) record += ',' + std::string(200, static_cast<char>('a' + i));
    return record;
  }

  name_server names_{
      {"host-record=www.names.test,192.0.2.1,2001:db8::1", "cname=alias.names.test,www.names.test",
       "ptr-record=9.2.0.192.in-addr.arpa,nine.names.test", "address=/none.test/", long_text()}};
};

TEST_P(DnsListen, AnswersDigByUdpAndTcp) {
  start();
  for (const auto* transport : {"+notcp", "+tcp"}) {
    EXPECT_EQ(dig({transport, "+short", "www.names.test"}), "192.0.2.1\n") << transport;
    EXPECT_EQ(dig({transport, "+short", "www.names.test", "AAAA"}), "2001:db8::1\n") << transport;
    EXPECT_EQ(dig({transport, "+short", "alias.names.test"}), "www.names.test.\n192.0.2.1\n") << transport;
    EXPECT_EQ(dig({transport, "+short", "-x", "192.0.2.9"}), "nine.names.test.\n") << transport;
    EXPECT_THAT(dig({transport, "www.none.test"}), HasSubstr("status: NXDOMAIN")) << transport;
  }
}

TEST_P(DnsListen, CutsWhatIsTooLongForUdpAndSendsItByTcp) {
  start();
  const auto cut = dig({"+ignore", "+bufsize=1232", "long.names.test", "TXT"});
  EXPECT_THAT(cut, HasSubstr(" tc"));
  EXPECT_THAT(cut, Not(HasSubstr("aaaa")));
  // dig asks by TCP then, as every client does.
  const auto whole = dig({"+bufsize=1232", "long.names.test", "TXT"});
  EXPECT_THAT(whole, HasSubstr("aaaa"));
  EXPECT_THAT(whole, HasSubstr("llll"));
}

TEST_P(DnsListen, AnswersServfailWhenThereIsNobodyToAsk) {
  start();
  names_.stop();
  EXPECT_THAT(dig({"www.names.test"}), HasSubstr("status: SERVFAIL"));
}

TEST_P(DnsListen, StaysOnLoopbackWithoutG) {
  auto& refused = launch_tunnel({.arguments = {"--dns-listen", "0.0.0.0:0"}});
  EXPECT_EQ(refused.wait(), 2);
  EXPECT_THAT(refused.log(), HasSubstr("add -g"));
}

TUNNEL_RUN_SCENARIO(DnsListen, every_daemon);

}  // namespace
}  // namespace tunnel::integration
