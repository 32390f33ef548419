#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class PySocks : public scenario {};

TEST_P(PySocks, FetchesByNameWithSocks5AndSocks4) {
  const origin page(web_page("the page"));
  start_server({.hosts = {"127.0.0.1 known-to-the-server.test"}});
  start_tunnel();
  const auto got =
      run({.arguments = {"/usr/bin/python3", TUNNEL_INTEGRATION "/clients/pysocks_fetch.py",
                         std::to_string(port()), "known-to-the-server.test", std::to_string(page.port())}});
  EXPECT_EQ(got.output, "the page\nthe page\n") << got.errors;
}

TUNNEL_RUN_SCENARIO(PySocks, every_daemon);

}  // namespace
}  // namespace tunnel::integration
