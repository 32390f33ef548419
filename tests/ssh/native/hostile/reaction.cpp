#include "reaction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"
#include "ssh/native/core/message.hpp"

namespace tunnel::ssh::native {

namespace {

constexpr std::size_t longest_description = 256;

}  // namespace

void expect_disconnect(const support::session& both, errc reason, std::string_view words) {
  ASSERT_TRUE(both.user.failure()) << "the client goes on";
  const auto& why = *both.user.failure();
  EXPECT_EQ(why.code, reason) << why.message;
  EXPECT_THAT(why.message, testing::HasSubstr(std::string(words)));
  EXPECT_FALSE(both.server.client_fault()) << *both.server.client_fault();
  const auto farewell = both.server.client_farewell();
  ASSERT_TRUE(farewell) << "the client said no farewell; it gave up with: " << why.message;
  EXPECT_EQ(farewell->reason, static_cast<std::uint32_t>(reason));
  EXPECT_EQ(farewell->description, sanitise(why.message, longest_description));
  EXPECT_EQ(both.server.count(message::disconnect), 1U);
  EXPECT_EQ(both.server.messages().back().number(), message::disconnect);
}

void expect_peace(const support::session& both) {
  EXPECT_FALSE(both.user.failure()) << both.user.failure()->message;
  EXPECT_FALSE(both.server.client_fault()) << *both.server.client_fault();
  EXPECT_FALSE(both.server.client_farewell());
}

void expect_server_farewell(const support::session& both) {
  ASSERT_TRUE(both.user.failure()) << "the client goes on";
  EXPECT_EQ(both.user.failure()->code, errc::disconnected) << both.user.failure()->message;
  EXPECT_FALSE(both.server.client_fault()) << *both.server.client_fault();
  EXPECT_FALSE(both.server.client_farewell());
}

}  // namespace tunnel::ssh::native
