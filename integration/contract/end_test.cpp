#include <algorithm>

#include "contract/engine_stage.hpp"
#include "crypto/base64.hpp"
#include "support/blackhole.hpp"

namespace tunnel::integration {
namespace {

using ssh::errc;
using testing::Contains;
using testing::IsEmpty;

class EngineEnd : public engine_stage {
 protected:
  using users = std::vector<std::unique_ptr<channel_user>>;

  users use_many(ssh::connection& on, std::uint16_t port) {
    users all;
    for (int i = 0; i < 5; ++i) all.push_back(use(on, port));
    return all;
  }

  static bool all_closed(const users& those) {
    return std::ranges::all_of(those, [](const auto& each) { return each->closed() == 1 && each->lost(); });
  }

  /// That all is over, and stays so.
  void expect_dead(ssh::connection& connection, std::uint16_t port) {
    const auto opened = open(connection, port);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::connection_lost);
    const auto listening = wait(connection.listen({"127.0.0.1", 0}, patience));
    ASSERT_FALSE(listening);
    EXPECT_EQ(listening.error().code, errc::connection_lost);
    connection.probe();
    connection.close();
    support::run_ready(context());
  }
};

TEST_P(EngineEnd, OfTheServerEndsEveryChannelAndIsToldOnce) {
  const origin target(echo());
  const auto connection = connect();
  connection_log log;
  connection->observe(&log);
  const auto open_ones = use_many(*connection, target.port());
  const blackhole hole;
  auto hanging = begin_open(*connection, hole.port());
  support::run_ready(context());
  server().stop();
  EXPECT_TRUE(until([&] { return all_closed(open_ones) && log.lost == 1 && hanging.done(); }));
  EXPECT_EQ(log.reason->code, errc::connection_lost);
  EXPECT_EQ(hanging.wait().error().code, errc::connection_lost);
  expect_dead(*connection, target.port());
  EXPECT_EQ(log.lost, 1U);
  EXPECT_TRUE(all_closed(open_ones));
}

TEST_P(EngineEnd, ByFailingHasTheReasonThatWasGiven) {
  const origin target(echo());
  const auto connection = connect();
  connection_log log;
  connection->observe(&log);
  const auto open_ones = use_many(*connection, target.port());
  connection->fail({make_error_code(errc::connection_lost), "it no longer answers"});
  EXPECT_TRUE(until([&] { return all_closed(open_ones) && log.lost == 1; }));
  EXPECT_EQ(log.reason->message, "it no longer answers");
  EXPECT_EQ(open_ones.front()->lost()->message, "it no longer answers");
  expect_dead(*connection, target.port());
  EXPECT_EQ(log.lost, 1U);
}

TEST_P(EngineEnd, ByClosingTellsTheChannelsAndNotTheObserver) {
  const origin target(echo());
  const auto connection = connect();
  connection_log log;
  connection->observe(&log);
  const auto open_ones = use_many(*connection, target.port());
  connection->close();
  EXPECT_TRUE(until([&] { return all_closed(open_ones); }));
  EXPECT_EQ(log.lost, 0U);
  expect_dead(*connection, target.port());
}

TEST_P(EngineEnd, FromWithinAChannelsHandler) {
  const origin target(endless(1));
  const auto connection = connect();
  const auto open_ones = use_many(*connection, target.port());
  open_ones.front()->react([&](channel_user::event) { connection->close(); });
  EXPECT_TRUE(until([&] { return all_closed(open_ones); }));
}

TEST_P(EngineEnd, IsToldToAHandlerThatComesLater) {
  const origin target(echo());
  const auto connection = connect();
  auto opened = open(*connection, target.port());
  ASSERT_TRUE(opened);
  connection->close();
  const auto user = use(std::move(opened));
  EXPECT_EQ(user->closed(), 0U) << "never from within a call on the channel";
  EXPECT_TRUE(until([&] { return user->closed() == 1; }));
  EXPECT_TRUE(user->lost());
  EXPECT_TRUE(user->channel().prepare().empty());
}

TEST_P(EngineEnd, LeavesChannelsThatMayGoLater) {
  const origin target(echo());
  auto connection = connect();
  auto user = use(*connection, target.port());
  connection->close();
  connection.reset();
  EXPECT_TRUE(until([&] { return user->closed() == 1; }));
  user->send("nobody hears it");
  user->send_eof();
  user.reset();
  support::run_ready(context());
}

TEST_P(EngineEnd, IsPutOffByASignOfLife) {
  const auto connection = connect();
  support::run_ready(context());
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(answers_probe(*connection));
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineEnd, IsPutOffByASignOfLifeWhileAnOpenHangs) {
  const blackhole hole;
  const auto connection = connect();
  auto hanging = begin_open(*connection, hole.port());
  support::run_ready(context());
  EXPECT_TRUE(answers_probe(*connection));
  EXPECT_FALSE(hanging.done());
  hanging.cancel();
  EXPECT_TRUE(until([&] { return hanging.done(); }));
}

TUNNEL_RUN_SCENARIO(EngineEnd, every_daemon);

/// hostkeys-00@openssh.com, which OpenSSH's sshd alone sends.
class EngineHostKeys : public engine_stage {
 protected:
  static std::string second_word(const std::string& line) {
    const auto begin = line.find(' ') + 1;
    return line.substr(begin, line.find(' ', begin) - begin);
  }

  temp_directory files_;
};

TEST_P(EngineHostKeys, AreProvedToTheVerifier) {
  const auto ecdsa = make_key(files_ / "ecdsa", "ecdsa");
  const auto rsa = make_key(files_ / "rsa", "rsa");
  start_server(
      {.config = {"HostKey " + (files_ / "ecdsa").string(), "HostKey " + (files_ / "rsa").string()}});
  const auto connection = connect();
  if (is_native()) {
    ASSERT_TRUE(until([&] { return !proved_host_keys().empty(); }));
    std::vector<std::string> blobs;
    for (const auto& each : proved_host_keys()) blobs.push_back(crypto::base64_encode(each));
    EXPECT_EQ(blobs.size(), 3U);
    for (const auto& line : {server().host_key_line(), ecdsa.public_line(), rsa.public_line()})
      EXPECT_THAT(blobs, Contains(second_word(line)));
  } else {
    EXPECT_TRUE(echoes(*connection));
    EXPECT_THAT(proved_host_keys(), IsEmpty()) << "libssh2 keeps them to itself";
  }
}

TUNNEL_RUN_SCENARIO(EngineHostKeys, openssh_only);

}  // namespace
}  // namespace tunnel::integration
