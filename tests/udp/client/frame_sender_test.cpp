#include "udp/client/frame_sender.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/event_loop.hpp"
#include "support/fake_channel.hpp"

namespace tunnel::udp {
namespace {

class FrameSender : public testing::Test, protected ssh::channel_handler {
 protected:
  FrameSender() : channel_(peer_->open()) { channel_->attach(*this); }

  bool on_data(std::span<const octet_view>) override { return true; }
  void on_eof() override {}
  void on_writable() override { sender_.flush(); }
  void on_closed(const error*) override {}

  void send(frame_queue::tag whose, const std::string& text) {
    sender_.send(whose, as_octets(text).first(1), as_octets(text).subspan(1));
  }

  void gather(frame_queue::tag whose, const std::string& text) {
    sender_.gather(whose, as_octets(text).first(1), as_octets(text).subspan(1));
  }

  asio::io_context context_;
  std::shared_ptr<support::channel_peer> peer_ =
      std::make_shared<support::channel_peer>(context_.get_executor());
  std::unique_ptr<ssh::channel> channel_;
  std::vector<frame_queue::tag> dropped_;
  frame_sender sender_{[this](frame_queue::tag whose) { dropped_.push_back(whose); }};
};

TEST_F(FrameSender, SendsAtOnceWhereThereIsRoom) {
  sender_.use(channel_.get());
  send(1, "first");
  send(2, "second");
  EXPECT_EQ(peer_->received(), "firstsecond");
}

TEST_F(FrameSender, SendsGatheredFramesTogether) {
  sender_.use(channel_.get());
  gather(1, "first");
  gather(2, "second");
  EXPECT_EQ(peer_->received(), "");
  sender_.flush();
  EXPECT_EQ(peer_->received(), "firstsecond");
  EXPECT_EQ(peer_->commits(), 1U);
}

TEST_F(FrameSender, SendsBehindWhatWasGathered) {
  sender_.use(channel_.get());
  gather(1, "first");
  send(2, "second");
  EXPECT_EQ(peer_->received(), "firstsecond");
}

TEST_F(FrameSender, DropsNothingGatheredThatThereIsRoomFor) {
  sender_.use(channel_.get());
  std::string expected;
  for (frame_queue::tag i = 0; i < 16; ++i) {
    const std::string large(60'000, static_cast<char>('a' + static_cast<int>(i)));
    gather(i, large);
    expected += large;
  }
  sender_.flush();
  EXPECT_EQ(peer_->received(), expected);
  EXPECT_TRUE(dropped_.empty());
}

TEST_F(FrameSender, KeepsFramesForAChannelThatIsToCome) {
  send(1, "first");
  send(2, "second");
  EXPECT_EQ(peer_->received(), "");
  sender_.use(channel_.get());
  EXPECT_EQ(peer_->received(), "firstsecond");
}

TEST_F(FrameSender, GoesOnInTheMidstOfAFrame) {
  sender_.use(channel_.get());
  peer_->set_window(3);
  send(1, "first");
  send(2, "second");
  EXPECT_EQ(peer_->received(), "fir");
  for (int i = 0; i < 8; ++i) peer_->set_window(1);
  EXPECT_EQ(peer_->received(), "firstsecond");
  send(3, "third");
  EXPECT_EQ(peer_->received(), "firstsecond");
  peer_->set_window(100);
  EXPECT_EQ(peer_->received(), "firstsecondthird");
  EXPECT_TRUE(dropped_.empty());
}

TEST_F(FrameSender, DropsTheOldestThatHasNotBegun) {
  sender_.use(channel_.get());
  peer_->set_window(1);
  const std::string large(60'000, 'x');
  for (frame_queue::tag i = 0; i < 6; ++i) send(i, static_cast<char>('a' + static_cast<int>(i)) + large);
  EXPECT_EQ(peer_->received(), "a");
  EXPECT_EQ(dropped_, (std::vector<frame_queue::tag>{1}));
  peer_->set_window(support::channel_peer::unlimited);
  std::string expected;
  for (const char each : {'a', 'c', 'd', 'e', 'f'}) expected += each + large;
  EXPECT_EQ(peer_->received(), expected);
}

TEST_F(FrameSender, TakesFramesOfAnyLengthInAnyWindow) {
  sender_.use(channel_.get());
  std::string expected;
  for (std::size_t i = 1; i < 300; ++i) {
    peer_->set_window(i * 7 % 11);
    const std::string frame(i % 17 + 1, static_cast<char>('a' + i % 26));
    send(0, frame);
    expected += frame;
  }
  peer_->set_window(support::channel_peer::unlimited);
  EXPECT_EQ(peer_->received(), expected);
  EXPECT_TRUE(dropped_.empty());
}

TEST_F(FrameSender, ForgetsTheFrameThatAnotherChannelHadBegun) {
  sender_.use(channel_.get());
  peer_->set_window(2);
  send(1, "first");
  send(2, "second");
  sender_.use(nullptr);
  const auto next = std::make_shared<support::channel_peer>(context_.get_executor());
  const auto channel = next->open();
  sender_.use(channel.get());
  EXPECT_EQ(next->received(), "second");
  sender_.use(nullptr);
}

}  // namespace
}  // namespace tunnel::udp
