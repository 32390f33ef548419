#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Proxychains : public scenario {};

TEST_P(Proxychains, FetchesByNameWithSocks5AndByAddressWithSocks4) {
  const origin page(web_page("the page"));
  start_server({.hosts = {"127.0.0.1 known-to-the-server.test"}});
  start_tunnel();
  const auto fetch = [&](const std::string& type, const std::string& host) {
    write_file(files() / "proxychains.conf", "strict_chain\nproxy_dns\nquiet_mode\n[ProxyList]\n" + type +
                                                 " 127.0.0.1 " + std::to_string(port()) + '\n');
    const auto got = run({.arguments = {"proxychains4", "-f", (files() / "proxychains.conf").string(),
                                        "/usr/bin/python3", TUNNEL_INTEGRATION "/clients/fetch.py",
                                        "http://" + host + ':' + std::to_string(page.port()) + '/'}});
    EXPECT_EQ(got.exit_code, 0) << got.errors;
    return got.output;
  };
  EXPECT_EQ(fetch("socks5", "known-to-the-server.test"), "the page\n");
  EXPECT_EQ(fetch("socks4", "127.0.0.1"), "the page\n");
}

TUNNEL_RUN_SCENARIO(Proxychains, every_daemon);

}  // namespace
}  // namespace tunnel::integration
