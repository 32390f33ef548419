#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "conversation.hpp"
#include "fail_nth.hpp"

namespace tunnel::ssh::native {
namespace {

// Whatever fails, and whoever is at the other end.
void expect_clean_end(const outcome& came) {
  EXPECT_TRUE(came.stream_closed);
  EXPECT_TRUE(sent_text().starts_with(came.received)) << "octets that were not sent";
  EXPECT_FALSE(came.complete && came.received != sent_text());
  if (came.escaped) return;
  EXPECT_FALSE(came.stuck);
  EXPECT_TRUE(came.failure || came.received == sent_text()) << "it ended early, and nobody was told";
}

// Memory may run out within Asio, between two of this side's steps: the exception then comes out of the event
// loop, and whoever waits there is not told. Nothing else's may.
void expect_no_escape(const fail_nth& operation, const outcome& came) {
  if (&operation == &allocations()) return;
  EXPECT_FALSE(came.escaped) << *came.escaped;
}

outcome with_nth_failing(fail_nth& operation, std::size_t nth, server_kind with) {
  operation.arm(nth);
  auto came = converse(with);
  operation.disarm();
  return came;
}

/// What a conversation must not come to with such a server.
void expect_no_trust(server_kind with, const outcome& came) {
  if (with == server_kind::honest) return;
  EXPECT_FALSE(came.connected);
  EXPECT_TRUE(came.failure || came.escaped);
  if (with == server_kind::impostor) {
    EXPECT_FALSE(came.host_key_proved) << "a signature that is wrong";
  }
  if (with != server_kind::refusing) {
    EXPECT_FALSE(came.password_sent);
  }
}

// For every N from the first to the last; `step` leaves some out.
void fail_each(fail_nth& operation, server_kind with, std::size_t step = 1) {
  for (std::size_t nth = 0;; nth += step) {
    const auto came = with_nth_failing(operation, nth, with);
    SCOPED_TRACE("the failing one: " + std::to_string(nth));
    expect_clean_end(came);
    expect_no_escape(operation, came);
    expect_no_trust(with, came);
    if (!operation.failed()) {
      EXPECT_GT(nth, 0U);
      return;
    }
    if (testing::Test::HasFailure()) return;
  }
}

class Failure : public testing::TestWithParam<server_kind> {};

std::string name_of(server_kind kind) {
  switch (kind) {
    case server_kind::honest:
      return "HonestServer";
    case server_kind::impostor:
      return "Impostor";
    case server_kind::unknown:
      return "UnknownServer";
    case server_kind::refusing:
      return "RefusingServer";
  }
  return {};
}

TEST(Conversation, IsCompleteWhenNothingFails) {
  const auto came = converse(server_kind::honest);
  expect_clean_end(came);
  EXPECT_TRUE(came.host_key_proved);
  EXPECT_TRUE(came.password_sent);
  EXPECT_TRUE(came.connected);
  EXPECT_TRUE(came.visited);
  EXPECT_TRUE(came.complete);
  EXPECT_EQ(came.received, sent_text());
  EXPECT_FALSE(came.failure) << *came.failure;
}

TEST(Conversation, EndsWithAnErrorWhenTheServerIsNotToBeTrusted) {
  for (const auto with : {server_kind::impostor, server_kind::unknown, server_kind::refusing}) {
    SCOPED_TRACE(name_of(with));
    const auto came = converse(with);
    expect_clean_end(came);
    expect_no_trust(with, came);
    EXPECT_EQ(came.host_key_proved, with != server_kind::impostor);
    EXPECT_EQ(came.password_sent, with == server_kind::refusing);
  }
}

TEST_P(Failure, OfAReadEndsTheConnectionCleanly) {
  fail_each(reads(), GetParam());
}

TEST_P(Failure, OfAWriteEndsTheConnectionCleanly) {
  fail_each(writes(), GetParam());
}

TEST_P(Failure, OfAnAllocationEndsTheConnectionCleanly) {
  fail_each(allocations(), GetParam());
}

// RFC 4253 section 7: no failure of libcrypto's is taken for a verified signature or MAC.
TEST_P(Failure, OfLibcryptoEndsTheConnectionCleanly) {
  set_libcrypto_failure(0);
  fail_each(libcrypto_calls(), GetParam());
}

TEST_P(Failure, OfLibcryptoByANegativeNumberEndsTheConnectionCleanly) {
  set_libcrypto_failure(-1);
  fail_each(libcrypto_calls(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Servers, Failure,
                         testing::Values(server_kind::honest, server_kind::impostor, server_kind::unknown,
                                         server_kind::refusing),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace tunnel::ssh::native
