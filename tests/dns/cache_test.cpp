#include "dns/cache.hpp"

#include <gtest/gtest.h>

namespace tunnel::dns {
namespace {

using namespace std::chrono_literals;

const cache::time_point start{};

answer known(std::chrono::seconds ttl, octet last = 1) {
  return {.found = answer::finding::records,
          .addresses = {socks::ipv4{192, 0, 2, last}},
          .names = {},
          .ttl = ttl};
}

TEST(DnsCache, KeepsAnAnswerForItsTime) {
  cache kept(10);
  kept.put({"a.test", record_type::a}, known(30s), start);
  EXPECT_NE(kept.find({"a.test", record_type::a}, start + 29s), nullptr);
  EXPECT_EQ(kept.find({"a.test", record_type::a}, start + 30s), nullptr);
  EXPECT_EQ(kept.size(), 0U);
}

TEST(DnsCache, KnowsANameInEverySpellingAndEachTypeApart) {
  cache kept(10);
  kept.put({"A.Test.", record_type::a}, known(30s), start);
  EXPECT_NE(kept.find({"a.tesT", record_type::a}, start), nullptr);
  EXPECT_EQ(kept.find({"a.test", record_type::aaaa}, start), nullptr);
}

TEST(DnsCache, KeepsNegativeAnswersToo) {
  cache kept(10);
  kept.put({"a.test", record_type::a},
           {.found = answer::finding::no_name, .addresses = {}, .names = {}, .ttl = 5s}, start);
  ASSERT_NE(kept.find({"a.test", record_type::a}, start), nullptr);
  EXPECT_EQ(kept.find({"a.test", record_type::a}, start)->found, answer::finding::no_name);
}

TEST(DnsCache, KeepsNothingThatHoldsForThisOnce) {
  cache kept(10);
  kept.put({"a.test", record_type::a}, known(30s), start);
  kept.put({"a.test", record_type::a}, known(0s), start);
  EXPECT_EQ(kept.find({"a.test", record_type::a}, start), nullptr);
}

TEST(DnsCache, ReplacesAnOlderAnswer) {
  cache kept(10);
  kept.put({"a.test", record_type::a}, known(30s, 1), start);
  kept.put({"a.test", record_type::a}, known(60s, 2), start);
  EXPECT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.find({"a.test", record_type::a}, start + 40s)->addresses.front(),
            ip_address(socks::ipv4{192, 0, 2, 2}));
}

TEST(DnsCache, PartsWithWhatWasNotUsedForTheLongestTime) {
  cache kept(2);
  kept.put({"a.test", record_type::a}, known(30s), start);
  kept.put({"b.test", record_type::a}, known(30s), start);
  EXPECT_NE(kept.find({"a.test", record_type::a}, start), nullptr);
  kept.put({"c.test", record_type::a}, known(30s), start);
  EXPECT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept.find({"b.test", record_type::a}, start), nullptr);
  EXPECT_NE(kept.find({"a.test", record_type::a}, start), nullptr);
}

}  // namespace
}  // namespace tunnel::dns
