#include <atomic>
#include <future>

#include "contract/engine_stage.hpp"
#include "support/transfer.hpp"

namespace tunnel::integration {
namespace {

using event = channel_user::event;

class EngineStream : public engine_stage {
 protected:
  /// `amount` octets each way at once, over `connection`.
  void expect_exchange(ssh::connection& connection, std::size_t amount) {
    std::atomic<std::size_t> right = 0;
    const origin target([&](tcp_stream& client) {
      std::thread sending([&] { send_pattern(client, 1, amount, seconds(50)); });
      right = receive_pattern(client, 2, seconds(50), amount);
      sending.join();
    });
    const auto user = use(connection, target.port());
    user->expect_pattern(1);
    user->send_pattern(2, amount);
    user->send_eof();
    EXPECT_TRUE(until([&] { return user->closed() != 0; })) << user->count();
    EXPECT_EQ(user->count(), amount);
    EXPECT_TRUE(user->intact());
    EXPECT_EQ(right, amount);
    EXPECT_FALSE(user->lost());
  }

  /// A user that drops its channel at the first `when`, which must come, while the connection goes on.
  void expect_to_outlive_dropping(event when, const origin::handler& serve,
                                  const std::function<void(channel_user&)>& use_it) {
    const origin target(serve);
    const auto connection = connect();
    const auto user = use(*connection, target.port());
    unsigned after = 0;
    bool dropped = false;
    user->react([&](event what) {
      if (dropped) ++after;
      if (what != when || dropped) return;
      dropped = true;
      user->drop();
    });
    use_it(*user);
    ASSERT_TRUE(until([&] { return dropped; }));
    EXPECT_TRUE(echoes(*connection));
    EXPECT_EQ(after, 0U);
  }
};

TEST_P(EngineStream, MovesBothWaysAtOnceInOrder) {
  expect_exchange(*connect(), 8 * mebibyte);
}

TEST_P(EngineStream, GoesOnSendingAfterTheTargetHasEnded) {
  std::promise<std::string> uploaded;
  const origin target([&](tcp_stream& client) {
    client.send("greeting");
    client.shut_down_sending();
    uploaded.set_value(client.receive_to_end().data);
  });
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  ASSERT_TRUE(until([&] { return user->eof(); }));
  EXPECT_EQ(user->received(), "greeting");
  EXPECT_EQ(user->closed(), 0U);
  user->send("all the rest");
  user->send_eof();
  EXPECT_TRUE(until([&] { return user->closed() != 0; }));
  EXPECT_EQ(uploaded.get_future().get(), "all the rest");
}

TEST_P(EngineStream, GoesOnReceivingAfterItsOwnEnd) {
  const origin target([](tcp_stream& client) {
    const auto got = client.receive_to_end();
    client.send(got.data + pattern(7).next(mebibyte));
  });
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  user->send("question");
  user->send_eof();
  EXPECT_TRUE(until([&] { return user->closed() != 0; }));
  EXPECT_TRUE(user->received() == "question" + pattern(7).next(mebibyte)) << user->count();
  EXPECT_TRUE(user->eof() && user->intact());
}

TEST_P(EngineStream, TakesOctetsOneByOne) {
  const origin target(echo());
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  const auto text = pattern(3).next(2000);
  for (const char octet : text) user->send(std::string(1, octet));
  user->send_eof();
  EXPECT_TRUE(until([&] { return user->closed() != 0; }));
  EXPECT_TRUE(user->received() == text) << user->count();
}

TEST_P(EngineStream, StopsTheServerWhileNobodyTakesMore) {
  // More than windows, sockets and sshd's own buffers hold.
  static constexpr std::size_t amount = 40 * mebibyte;
  std::atomic<bool> sent_all = false;
  const origin target([&](tcp_stream& client) {
    send_pattern(client, 5, amount, seconds(50));
    sent_all = true;
  });
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  user->expect_pattern(5);
  user->pause();
  ASSERT_TRUE(until([&] { return user->count() != 0; }));
  const auto taken = user->count();
  // The others have the time that it would take to send much more.
  expect_exchange(*connection, 4 * mebibyte);
  EXPECT_EQ(user->count(), taken);
  EXPECT_FALSE(sent_all);
  user->resume();
  EXPECT_TRUE(until([&] { return user->eof(); })) << user->count();
  EXPECT_EQ(user->count(), amount);
  EXPECT_TRUE(user->intact());
}

TEST_P(EngineStream, KeepsTheOrderWhenStoppedAtEveryDelivery) {
  static constexpr std::size_t amount = 2 * mebibyte;
  const origin target([](tcp_stream& client) { send_pattern(client, 6, amount, patience); });
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  user->expect_pattern(6);
  user->pause();
  user->react([&](event what) {
    if (what != event::data) return;
    asio::post(context(), [&] {
      user->resume();
      user->pause();
    });
  });
  EXPECT_TRUE(until([&] { return user->eof(); })) << user->count();
  EXPECT_EQ(user->count(), amount);
  EXPECT_TRUE(user->intact());
}

TEST_P(EngineStream, StopsSendingWhileTheTargetTakesNothing) {
  std::promise<void> go_on;
  std::promise<std::size_t> right;
  static constexpr std::size_t amount = 40 * mebibyte;
  const origin target([&](tcp_stream& client) {
    go_on.get_future().wait();
    right.set_value(receive_pattern(client, 9, seconds(50)));
  });
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  user->send_pattern(9, amount);
  user->send_eof();
  // Goes on beside it, which takes far longer than filling the window.
  expect_exchange(*connection, 4 * mebibyte);
  EXPECT_FALSE(user->sent_all());
  go_on.set_value();
  EXPECT_TRUE(until([&] { return user->closed() != 0; })) << user->sent();
  EXPECT_EQ(right.get_future().get(), amount);
}

TEST_P(EngineStream, SendsWhatWasCommittedBeforeItCloses) {
  std::promise<std::size_t> arrived;
  const origin target([&](tcp_stream& client) { arrived.set_value(receive_pattern(client, 4, patience)); });
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  user->send_pattern(4, 64 * mebibyte);
  const auto committed = user->sent();
  ASSERT_GT(committed, 0U);
  user->drop();
  auto count = arrived.get_future();
  ASSERT_TRUE(until([&] { return count.wait_for(seconds(0)) == std::future_status::ready; }));
  EXPECT_EQ(count.get(), committed);
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineStream, MayBeDroppedWithDataOnItsWay) {
  const origin target(endless(1));
  const auto connection = connect();
  const auto user = use(*connection, target.port());
  user->pause();
  ASSERT_TRUE(until([&] { return user->count() != 0; }));
  user->drop();
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineStream, MayBeDroppedBeforeItHasAHandler) {
  const origin target(endless(1));
  const auto connection = connect();
  auto opened = open(*connection, target.port());
  ASSERT_TRUE(opened);
  opened->reset();
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineStream, MayBeDroppedWhenDataComes) {
  expect_to_outlive_dropping(event::data, endless(1), [](channel_user&) {});
}

TEST_P(EngineStream, MayBeDroppedAtTheEnd) {
  expect_to_outlive_dropping(event::eof, echo(), [](channel_user& user) { user.send_eof(); });
}

TEST_P(EngineStream, MayBeDroppedWhenThereIsRoom) {
  expect_to_outlive_dropping(event::writable, echo(),
                             [](channel_user& user) { user.send_pattern(1, 64 * mebibyte); });
}

TEST_P(EngineStream, MayBeDroppedWhenItIsOver) {
  expect_to_outlive_dropping(event::closed, echo(), [](channel_user& user) { user.send_eof(); });
}

TUNNEL_RUN_SCENARIO(EngineStream, every_daemon);

/// Keys renewed again and again while octets pass both ways (RFC 4253 section 9).
class EngineRekey : public EngineStream {};

TEST_P(EngineRekey, ByTheServerLosesNothing) {
  start_server({.config = {"RekeyLimit 1M"}});
  const auto connection = connect();
  expect_exchange(*connection, 8 * mebibyte);
  EXPECT_TRUE(echoes(*connection));
}

TUNNEL_RUN_SCENARIO(EngineRekey, openssh_only);

}  // namespace
}  // namespace tunnel::integration
