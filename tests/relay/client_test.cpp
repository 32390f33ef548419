#include "relay/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>

#include "relay/stdio_stream.hpp"
#include "support/event_loop.hpp"

// What only a policy of the test's own shows; tests/relay/behaviour_test.cpp has the rest.
namespace tunnel::relay {
namespace {

using support::run_until;
using testing::HasSubstr;

class RelayClient : public testing::Test {
 protected:
  void start(const policy& shared) {
    policy_ = shared;
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    user_ = ends[0];
    served_ = std::make_shared<client>(
        std::make_unique<stdio_stream>(context_.get_executor(), ends[1], ::dup(ends[1])), policy_, resolver_,
        *room_);
    served_->start([this](const result<void>& outcome) { outcome_ = outcome; });
  }

  ~RelayClient() override {
    if (served_) served_->close();
    ::close(user_);
  }

  void write(octet_view data) const {
    ASSERT_EQ(::write(user_, data.data(), data.size()), static_cast<ssize_t>(data.size()));
  }

  // Whatever is there.
  [[nodiscard]] std::string read() const {
    std::string room(65536, '\0');
    const auto count = ::recv(user_, room.data(), room.size(), MSG_DONTWAIT);
    room.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return room;
  }

  policy policy_;
  asio::io_context context_;
  resolver resolver_{context_.get_executor()};
  std::unique_ptr<frame_room> room_ = std::make_unique<frame_room>();
  std::shared_ptr<client> served_;
  std::optional<result<void>> outcome_;
  int user_ = -1;
};

TEST_F(RelayClient, IsTurnedAwayWithoutAGreeting) {
  policy hasty;
  hasty.greeting_time = std::chrono::milliseconds(20);
  start(hasty);
  ASSERT_TRUE(run_until(context_, [&] { return outcome_.has_value(); }));
  ASSERT_FALSE(outcome_->has_value());
  EXPECT_THAT(outcome_->error().message, HasSubstr("no greeting"));
  EXPECT_THAT(read(), HasSubstr("no greeting"));
}

TEST_F(RelayClient, StaysOnceItHasGreeted) {
  policy hasty;
  hasty.greeting_time = std::chrono::milliseconds(20);
  start(hasty);
  write(udp::framing::greeting_octets);
  asio::steady_timer later(context_, std::chrono::milliseconds(60));
  bool is_later = false;
  later.async_wait([&](error_code) { is_later = true; });
  ASSERT_TRUE(run_until(context_, [&] { return is_later; }));
  EXPECT_FALSE(outcome_.has_value());
}

TEST_F(RelayClient, EndsWithItsStream) {
  start(policy());
  write(udp::framing::greeting_octets);
  ::shutdown(user_, SHUT_WR);
  ASSERT_TRUE(run_until(context_, [&] { return outcome_.has_value(); }));
  EXPECT_TRUE(outcome_->has_value());
}

TEST_F(RelayClient, RefusesAssociationsBeyondThePolicy) {
  policy narrow;
  narrow.associations = 0;
  start(narrow);
  write(udp::framing::greeting_octets);
  write(octets{0, 0, 12, 1, 0, 0, 0, 9, 1, 127, 0, 0, 1, 0, 9});
  std::string got;
  ASSERT_TRUE(run_until(context_, [&] {
    got += read();
    return got.find("too many associations") != std::string::npos;
  }));
}

}  // namespace
}  // namespace tunnel::relay
