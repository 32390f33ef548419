#include "path/channel_stream.hpp"

#include <gtest/gtest.h>

#include "path/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_channel.hpp"
#include "support/fake_connection.hpp"

namespace tunnel::path {
namespace {

class ChannelStream : public testing::Test {
 protected:
  ChannelStream()
      : peer_(std::make_shared<support::channel_peer>(context_.get_executor())),
        tally_(std::make_shared<support::connection_tally>()),
        stream_(std::make_unique<channel_stream>(
            std::make_shared<support::fake_connection>(context_.get_executor(), 1, tally_), peer_->open(),
            "jump host 1 (one)", "host port 22")) {}

  std::string read() {
    octets space(4096);
    const auto count = stream_->read_some(space);
    if (!count) return count.error().message();
    return std::string(as_text(octet_view(space).first(*count)));
  }

  std::string would_block() { return boost::system::error_code(asio::error::would_block).message(); }

  // What became of a wait, once it ends.
  std::shared_ptr<std::optional<boost::system::error_code>> wait(aio::direction way) {
    auto outcome = std::make_shared<std::optional<boost::system::error_code>>();
    stream_->async_wait(way, [outcome](boost::system::error_code failure) { *outcome = failure; });
    return outcome;
  }

  asio::io_context context_;
  std::shared_ptr<support::channel_peer> peer_;
  std::shared_ptr<support::connection_tally> tally_;
  std::unique_ptr<channel_stream> stream_;
};

TEST_F(ChannelStream, GivesWhatCameInOrder) {
  EXPECT_EQ(read(), would_block());
  EXPECT_TRUE(peer_->deliver("ab"));
  EXPECT_TRUE(peer_->deliver("c"));
  EXPECT_EQ(read(), "abc");
  EXPECT_EQ(read(), would_block());
}

TEST_F(ChannelStream, WakesAReaderFromTheEventLoopAlone) {
  const auto outcome = wait(aio::direction::read);
  EXPECT_TRUE(peer_->deliver("x"));
  EXPECT_FALSE(*outcome) << "the channel was still calling";
  support::run_ready(context_);
  EXPECT_EQ(*outcome, boost::system::error_code());
}

TEST_F(ChannelStream, StopsTheChannelWhileNobodyReads) {
  const std::string much(ssh::channel::max_delivery, 'x');
  EXPECT_TRUE(peer_->deliver(much));
  EXPECT_FALSE(peer_->deliver("more"));
  std::size_t taken = 0;
  while (taken < much.size() + 4) taken += read().size();
  EXPECT_EQ(peer_->resumed(), 1U);
}

TEST_F(ChannelStream, WritesAsFarAsThereIsRoom) {
  peer_->set_window(3);
  EXPECT_EQ(stream_->write_some(as_octets("abcdef")).value(), 3U);
  EXPECT_EQ(stream_->write_some(as_octets("def")).error(), asio::error::would_block);
  const auto outcome = wait(aio::direction::write);
  support::run_ready(context_);
  EXPECT_FALSE(*outcome);
  peer_->set_window(10);
  support::run_ready(context_);
  EXPECT_TRUE(*outcome);
  EXPECT_EQ(stream_->write_some(as_octets("def")).value(), 3U);
  EXPECT_EQ(peer_->received(), "abcdef");
}

TEST_F(ChannelStream, EndsBehindTheLastOctet) {
  EXPECT_TRUE(peer_->deliver("last"));
  peer_->end();
  EXPECT_EQ(read(), "last");
  EXPECT_EQ(read(), "");
}

TEST_F(ChannelStream, SaysThatTheJumpHostWasLost) {
  const auto outcome = wait(aio::direction::read);
  peer_->lose({make_error_code(errc::timed_out), "no answer"});
  support::run_ready(context_);
  EXPECT_TRUE(*outcome);
  octets space(1);
  EXPECT_EQ(stream_->read_some(space).error(), errc::jump_host_lost);
  EXPECT_EQ(stream_->write_some(as_octets("x")).error(), errc::jump_host_lost);
}

TEST_F(ChannelStream, EndsItsConnectionWithItself) {
  const auto outcome = wait(aio::direction::read);
  stream_->close();
  support::run_ready(context_);
  EXPECT_EQ(*outcome, boost::system::error_code(asio::error::operation_aborted));
  EXPECT_TRUE(peer_->destroyed());
  EXPECT_EQ(tally_->closed, 1U);
  EXPECT_EQ(tally_->alive, 0U);
}

}  // namespace
}  // namespace tunnel::path
