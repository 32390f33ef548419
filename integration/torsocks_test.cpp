#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Torsocks : public scenario {};

// torsocks connects to loopback addresses itself or not at all, and resolves most names with an extension of
// Tor's; a name below .onion is what it hands to the proxy unresolved.
TEST_P(Torsocks, FetchesByName) {
  const origin page(web_page("the page"));
  start_server({.hosts = {"127.0.0.1 known-to-the-server.onion"}});
  start_tunnel();
  const auto got =
      run({.arguments = {"torsocks", "-a", "127.0.0.1", "-P", std::to_string(port()), "/usr/bin/python3",
                         TUNNEL_INTEGRATION "/clients/fetch.py",
                         "http://known-to-the-server.onion:" + std::to_string(page.port()) + '/'}});
  EXPECT_EQ(got.output, "the page\n") << got.errors;
}

TUNNEL_RUN_SCENARIO(Torsocks, every_daemon);

}  // namespace
}  // namespace tunnel::integration
