#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <new>

#include "frames.hpp"
#include "support/event_loop.hpp"
#include "udp/client/framed_link.hpp"
#include "udp/client/udpgw_link.hpp"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* place = std::malloc(size)) return place;
  throw std::bad_alloc();
}

void operator delete(void* place) noexcept {
  std::free(place);
}

void operator delete(void* place, std::size_t /*size*/) noexcept {
  std::free(place);
}

namespace tunnel::udp {
namespace {

using namespace std::string_view_literals;

constexpr auto udpgw_frame =
    "\x0d\0\0\0\0\x08\x08\x08\x08\0\x35"
    "data"sv;
const socks::address target{socks::ipv4{8, 8, 8, 8}, 53};

/// Takes everything and keeps nothing.
class bottomless final : public ssh::channel {
 public:
  explicit bottomless(ssh::channel_handler*& far_end) : far_end_(far_end) {}

  void attach(ssh::channel_handler& handler) override { far_end_ = &handler; }
  void resume() override {}
  std::span<const octet_span> prepare() override { return {&room_, 1}; }
  void commit(std::size_t) override {}
  void send_eof() override {}

 private:
  ssh::channel_handler*& far_end_;
  std::array<octet, 4096> buffer_{};
  octet_span room_{buffer_};
};

class counter final : public association_handler {
 public:
  std::size_t came = 0;
  void on_datagram(const socks::address&, octet_view) override { ++came; }
  void on_lost(const error&) override {}
};

/// Allocations of a thousand datagrams each way, after one that finds its room.
class Allocation : public testing::Test {
 protected:
  std::unique_ptr<ssh::channel> channel() { return std::make_unique<bottomless>(far_end_); }

  void deliver(std::string_view data) {
    const auto piece = as_octets(data);
    EXPECT_TRUE(far_end_->on_data({&piece, 1}));
  }

  std::size_t of_a_thousand_through(link& through, std::string_view frame) {
    support::started joining(context_, through.open(nullptr, told_));
    const auto joined = std::move(*joining.wait());
    const auto both_ways = [&] {
      joined->send(target, as_octets("data"sv));
      joined->flush();
      deliver(frame);
    };
    EXPECT_GT(allocations, 0U) << "nothing is counted";
    both_ways();
    const auto before = allocations;
    for (int i = 0; i < 1000; ++i) both_ways();
    const auto counted = allocations - before;
    EXPECT_EQ(told_.came, 1001U);
    return counted;
  }

  asio::io_context context_;
  ssh::channel_handler* far_end_ = nullptr;
  counter told_;
};

TEST_F(Allocation, IsNoneForADatagramInAFrame) {
  support::started greeted(context_, framed_link::greet(channel(), nullptr));
  ASSERT_TRUE(support::run_until(context_, [&] { return far_end_ != nullptr; }));
  deliver(greeting);
  const auto through = *greeted.wait();
  EXPECT_EQ(of_a_thousand_through(*through, framed_datagram), 0U);
}

TEST_F(Allocation, IsNoneForADatagramOfUdpgw) {
  const auto through = udpgw_link::make(channel(), context_.get_executor(), {});
  EXPECT_EQ(of_a_thousand_through(*through, udpgw_frame), 0U);
}

}  // namespace
}  // namespace tunnel::udp
