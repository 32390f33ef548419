#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Curl : public scenario {
 protected:
  std::string fetch(const std::string& scheme, const std::string& host) {
    const auto got = run({.arguments = {"curl", "-q", "-sS", "--noproxy", "", "--max-time", "20", "-x",
                                        scheme + "://127.0.0.1:" + std::to_string(port()),
                                        "http://" + host + ':' + std::to_string(page_.port()) + '/'}},
                         seconds(30));
    return got.exit_code == 0 ? got.output : got.errors;
  }

  origin page_{web_page("the page")};
};

TEST_P(Curl, FetchesAnIpv4Address) {
  start_tunnel();
  for (const auto* scheme : {"socks4", "socks4a", "socks5", "socks5h"})
    EXPECT_EQ(fetch(scheme, "127.0.0.1"), "the page") << scheme;
}

TEST_P(Curl, FetchesAnIpv6Address) {
  start_tunnel();
  for (const auto* scheme : {"socks5", "socks5h"}) EXPECT_EQ(fetch(scheme, "[::1]"), "the page") << scheme;
}

TEST_P(Curl, FetchesANameThatItResolvesItself) {
  start_tunnel();
  for (const auto* scheme : {"socks4", "socks5"}) EXPECT_EQ(fetch(scheme, "localhost"), "the page") << scheme;
}

TEST_P(Curl, FetchesANameThatOnlyTheServerKnows) {
  start_server({.hosts = {"127.0.0.1 known-to-the-server.test"}});
  start_tunnel();
  for (const auto* scheme : {"socks4a", "socks5h"})
    EXPECT_EQ(fetch(scheme, "known-to-the-server.test"), "the page") << scheme;
}

TUNNEL_RUN_SCENARIO(Curl, every_daemon);

}  // namespace
}  // namespace tunnel::integration
