#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include "support/pattern.hpp"
#include "support/scenario.hpp"
#include "support/transfer.hpp"

namespace tunnel::integration {
namespace {

constexpr seconds limit{60};

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

/// As many flows at once, each of which moves `amount` octets both ways. Empty when all arrived unharmed.
std::string exchange_at_once(std::uint16_t proxy_port, std::size_t flows, std::size_t amount) {
  std::vector<std::future<std::string>> running;
  for (std::size_t i = 0; i < flows; ++i)
    running.push_back(
        std::async(std::launch::async, [=] { return exchange_patterns(proxy_port, amount, limit); }));
  std::string report;
  for (auto& each : running) report += each.get();
  return report;
}

/// RFC 4253 section 9: either side may exchange keys anew at any time.
class Rekey : public scenario {
 protected:
  /// An empty limit leaves it as it is.
  void start(const std::string& servers, const std::string& clients) {
    std::vector<std::string> config{"LogLevel DEBUG1"};
    if (!servers.empty()) config.push_back("RekeyLimit " + servers);
    start_server({.config = config});
    tunnel_settings settings;
    if (!clients.empty()) settings.arguments = {"-o", "RekeyLimit " + clients};
    start_tunnel(settings);
  }

  /// Whole key exchanges so far, the first included, as the server counts them.
  std::size_t exchanges() { return count_of(server().log(), "SSH2_MSG_NEWKEYS received"); }
};

TEST_P(Rekey, ByTheServerUnderLoadHarmsNothing) {
  start("1M", "");
  EXPECT_EQ(exchange_at_once(port(), 8, 4 * mebibyte), "");
  EXPECT_GE(exchanges(), 16U);
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TUNNEL_RUN_SCENARIO(Rekey, openssh_only);

/// What libssh2 cannot: it never begins an exchange.
class OwnRekey : public Rekey {};

TEST_P(OwnRekey, UnderLoadHarmsNothing) {
  start("", "1M");
  EXPECT_EQ(exchange_at_once(port(), 8, 4 * mebibyte), "");
  EXPECT_GE(exchanges(), 16U);
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TEST_P(OwnRekey, AndTheServersAtOnceHarmNothing) {
  start("1M", "1M");
  EXPECT_EQ(exchange_at_once(port(), 8, 4 * mebibyte), "");
  EXPECT_GE(exchanges(), 16U);
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TEST_P(OwnRekey, AtTheSmallestLimitStillGetsOn) {
  start("", "16");
  EXPECT_EQ(exchange_at_once(port(), 2, mebibyte / 4), "");
  EXPECT_GE(exchanges(), 3U);
}

TEST_P(OwnRekey, ComesInTimeOnAnIdleConnection) {
  const origin target(echo());
  start("", "default 1s");
  const auto flow = connect_through(port(), {"127.0.0.1", target.port()});
  ASSERT_TRUE(echoes(flow, "before"));
  EXPECT_TRUE(eventually([&] { return exchanges() >= 3; }, seconds(6))) << exchanges() << " exchanges";
  EXPECT_TRUE(echoes(flow, "after"));
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TEST_P(OwnRekey, DoesNotDisturbFlowsThatOpenMeanwhile) {
  const origin target(echo());
  start("64K", "64K");
  auto load = std::async(std::launch::async, [&] { return exchange_patterns(port(), 8 * mebibyte, limit); });
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "hello " + std::to_string(i)));
  EXPECT_EQ(load.get(), "");
  EXPECT_GE(exchanges(), 16U);
}

TUNNEL_RUN_SCENARIO(OwnRekey, native_only);

}  // namespace
}  // namespace tunnel::integration
