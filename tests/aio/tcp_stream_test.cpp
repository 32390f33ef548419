#include "aio/tcp_stream.hpp"

#include <gtest/gtest.h>

#include <array>

#include "support/event_loop.hpp"
#include "support/far_end.hpp"

namespace tunnel::aio {
namespace {

using support::far_end;

class TcpStream : public testing::Test {
 protected:
  support::started<boost::system::error_code> wait(direction way) {
    return {context_, wait_for(stream_, way)};
  }

  asio::io_context context_;
  support::loopback_pair pair_ = support::connect_pair(context_, true);
  far_end program_{std::move(pair_.connected)};
  tcp_stream stream_{std::move(pair_.accepted)};
  std::array<octet, 4096> buffer_{};
};

TEST_F(TcpStream, NamesItsPeer) {
  EXPECT_EQ(stream_.peer(), "127.0.0.1 port " + std::to_string(program_.address().port()));
  EXPECT_EQ(stream_.remote_address(), asio::ip::address_v4::loopback());
}

TEST_F(TcpStream, ReadsWhatHasCome) {
  EXPECT_EQ(stream_.read_some(buffer_).error(), asio::error::would_block);
  program_.send("hello");
  EXPECT_FALSE(wait(direction::read).wait());
  const auto count = stream_.read_some(buffer_);
  ASSERT_TRUE(count);
  EXPECT_EQ(as_text({buffer_.data(), *count}), "hello");
}

TEST_F(TcpStream, ReadsNothingAtTheEnd) {
  program_.shutdown();
  EXPECT_FALSE(wait(direction::read).wait());
  const auto count = stream_.read_some(buffer_);
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, 0U);
}

TEST_F(TcpStream, TellsAResetFromAnEnd) {
  program_.reset();
  static_cast<void>(wait(direction::read).wait());
  EXPECT_EQ(stream_.read_some(buffer_).error(), asio::error::connection_reset);
}

TEST_F(TcpStream, WritesUntilNothingMoreIsTakenAndAgainOnceThereIsRoom) {
  std::size_t written = 0;
  for (;;) {
    const auto count = stream_.write_some(buffer_);
    if (!count) {
      EXPECT_EQ(count.error(), asio::error::would_block);
      break;
    }
    written += *count;
  }
  auto room = wait(direction::write);
  support::run_ready(context_);
  EXPECT_FALSE(room.done());
  EXPECT_TRUE(support::run_until(context_, [&] { return program_.received().size() == written; }));
  EXPECT_FALSE(room.wait());
  EXPECT_TRUE(stream_.write_some(buffer_));
}

TEST_F(TcpStream, EndsItsWaitsWhenItCloses) {
  auto reading = wait(direction::read);
  support::run_ready(context_);
  stream_.close();
  stream_.close();
  EXPECT_EQ(reading.wait(), asio::error::operation_aborted);
  EXPECT_TRUE(support::run_until(context_, [&] { return program_.saw_fin(); }));
}

}  // namespace
}  // namespace tunnel::aio
