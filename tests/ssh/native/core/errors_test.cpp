#include "ssh/native/core/errors.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tunnel::ssh::native {
namespace {

// RFC 4253 section 11.1's reason codes go onto the wire as they are.
TEST(NativeErrors, HaveTheNumbersOfReasonCodes) {
  EXPECT_EQ(static_cast<int>(errc::protocol_error), 2);
  EXPECT_EQ(static_cast<int>(errc::key_exchange_failed), 3);
  EXPECT_EQ(static_cast<int>(errc::mac_error), 5);
  EXPECT_EQ(static_cast<int>(errc::protocol_version_not_supported), 8);
  EXPECT_EQ(static_cast<int>(errc::host_key_not_verifiable), 9);
  EXPECT_EQ(static_cast<int>(errc::by_application), 11);
  EXPECT_EQ(static_cast<int>(errc::no_more_auth_methods_available), 14);
}

TEST(NativeErrors, EachHaveATextOfTheirOwn) {
  std::set<std::string> texts;
  for (int value = 1; value <= 15; ++value) texts.insert(category().message(value));
  texts.insert(category().message(static_cast<int>(errc::disconnected)));
  EXPECT_EQ(texts.size(), 16U);
  EXPECT_EQ(texts.count(category().message(99)), 0U);
}

TEST(NativeErrors, OfViolationsSayWhatTheServerDid) {
  const auto broken = violation("the server did it");
  EXPECT_EQ(broken.code, errc::protocol_error);
  EXPECT_EQ(broken.message, "protocol error: the server did it");
}

}  // namespace
}  // namespace tunnel::ssh::native
