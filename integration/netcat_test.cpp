#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Netcat : public scenario {
 protected:
  std::string echoed(const std::string& version, const std::string& host) {
    const auto got =
        run({.arguments = {"nc", "-N", "-X", version, "-x", "127.0.0.1:" + std::to_string(port()), host,
                           std::to_string(echo_.port())},
             .input = "there and back"});
    return got.output + got.errors;
  }

  origin echo_{echo()};
};

TEST_P(Netcat, TalksSocks4) {
  start_tunnel();
  EXPECT_EQ(echoed("4", "127.0.0.1"), "there and back");
}

TEST_P(Netcat, TalksSocks5) {
  start_tunnel();
  EXPECT_EQ(echoed("5", "127.0.0.1"), "there and back");
  EXPECT_EQ(echoed("5", "::1"), "there and back");
  EXPECT_EQ(echoed("5", "localhost"), "there and back");
}

TUNNEL_RUN_SCENARIO(Netcat, every_daemon);

}  // namespace
}  // namespace tunnel::integration
