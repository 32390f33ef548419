#include <gmock/gmock.h>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Chromium : public scenario {};

TEST_P(Chromium, LoadsAPageAndRunsItsScript) {
  const origin page(
      web_page("<!doctype html><title>t</title><p id=p>as served</p>"
               "<script>p.textContent = 'as ' + 'scripted'</script>"));
  start_server({.hosts = {"127.0.0.1 known-to-the-server.test"}});
  start_tunnel();
  const auto got = run({.arguments = {"chromium", "--headless", "--no-sandbox", "--disable-gpu",
                                      "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
                                      "--disable-background-networking", "--disable-component-update",
                                      "--disable-sync", "--user-data-dir=" + (files() / "profile").string(),
                                      "--proxy-server=socks5://127.0.0.1:" + std::to_string(port()),
                                      "--proxy-bypass-list=<-loopback>", "--dump-dom",
                                      "http://known-to-the-server.test:" + std::to_string(page.port()) + '/'},
                        .environment = {{"HOME", files().path().string()}}},
                       seconds(90));
  EXPECT_THAT(got.output, testing::HasSubstr("as scripted")) << got.errors;
}

TUNNEL_RUN_SCENARIO(Chromium, every_daemon);

}  // namespace
}  // namespace tunnel::integration
