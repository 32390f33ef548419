#include "proxy/address_race.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace tunnel::proxy {
namespace {

using namespace std::chrono_literals;
using family = address_race::family;

class AddressRace : public testing::Test {
 protected:
  static dns::ip_address four(octet last) { return socks::ipv4{192, 0, 2, last}; }
  static dns::ip_address six(octet last) {
    return socks::ipv6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
  }

  address_race::time_point now_{1h};
  address_race race_;
};

TEST_F(AddressRace, TriesIpv6FirstAndTheFamiliesInTurn) {
  race_.add(family::ipv6, {six(1), six(2)}, now_);
  race_.add(family::ipv4, {four(1)}, now_);
  for (const auto& expected : {six(1), four(1), six(2)}) {
    EXPECT_EQ(race_.next(now_), expected);
    EXPECT_EQ(race_.next(now_), std::nullopt);
    now_ += 250ms;
  }
  EXPECT_EQ(race_.next(now_), std::nullopt);
  EXPECT_EQ(race_.next_time(), std::nullopt);
}

TEST_F(AddressRace, WaitsALittleForIpv6) {
  race_.add(family::ipv4, {four(1)}, now_);
  EXPECT_EQ(race_.next(now_), std::nullopt);
  EXPECT_EQ(race_.next_time(), now_ + 50ms);
  race_.add(family::ipv6, {six(1)}, now_ + 10ms);
  EXPECT_EQ(race_.next(now_ + 10ms), six(1));
  EXPECT_EQ(race_.next(now_ + 259ms), std::nullopt);
  EXPECT_EQ(race_.next(now_ + 260ms), four(1));
}

TEST_F(AddressRace, GoesOnWithoutIpv6WhenItIsLateOrLacking) {
  race_.add(family::ipv4, {four(1)}, now_);
  EXPECT_EQ(race_.next(now_ + 50ms), four(1));
  race_ = address_race();
  race_.add(family::ipv4, {four(1)}, now_);
  race_.add(family::ipv6, {}, now_ + 1ms);
  EXPECT_EQ(race_.next(now_ + 1ms), four(1));
}

TEST_F(AddressRace, WaitsForNothingWithIpv6) {
  race_.add(family::ipv6, {six(1)}, now_);
  EXPECT_EQ(race_.next(now_), six(1));
  EXPECT_FALSE(race_.is_over());
  race_.on_failed();
  EXPECT_FALSE(race_.is_over());
  race_.add(family::ipv4, {}, now_);
  EXPECT_TRUE(race_.is_over());
}

TEST_F(AddressRace, TriesTheNextAtOnceAfterAFailure) {
  race_.add(family::ipv6, {six(1)}, now_);
  race_.add(family::ipv4, {four(1)}, now_);
  EXPECT_EQ(race_.next(now_), six(1));
  race_.on_failed();
  EXPECT_EQ(race_.next(now_), four(1));
  EXPECT_FALSE(race_.is_over());
  race_.on_failed();
  EXPECT_TRUE(race_.is_over());
}

TEST_F(AddressRace, IsOverWithoutAnyAddress) {
  race_.add(family::ipv6, {}, now_);
  EXPECT_FALSE(race_.is_over());
  race_.add(family::ipv4, {}, now_);
  EXPECT_TRUE(race_.is_over());
}

TEST_F(AddressRace, BoundsTheAttempts) {
  std::vector<dns::ip_address> many;
  for (octet i = 0; i < 20; ++i) many.push_back(four(i));
  race_.add(family::ipv4, many, now_);
  race_.add(family::ipv6, {}, now_);
  std::size_t attempts = 0;
  while (race_.next(now_)) {
    ++attempts;
    race_.on_failed();
  }
  EXPECT_EQ(attempts, address_race::max_attempts);
  EXPECT_TRUE(race_.is_over());
}

}  // namespace
}  // namespace tunnel::proxy
