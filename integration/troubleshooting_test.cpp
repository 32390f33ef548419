#include "support/troubleshooting.hpp"

#include <gmock/gmock.h>

namespace tunnel::integration {
namespace {

// The scenarios of ways, logins and so on provoke them, with servers that they have anyway.
TEST(Troubleshooting, HasATestForEachOfItsRows) {
  EXPECT_THAT(explained_failures(), testing::SizeIs(testing::Ge(20U)));
  EXPECT_EQ(explained_failures(), provoked_failures());
}

TEST(Troubleshooting, IsComparedWithEveryWord) {
  const std::string printed = "jump host 1 (one): it is away";
  EXPECT_TRUE(explained("before\n" + printed + "\nbehind", "jump-failed"));
  EXPECT_FALSE(explained("jump host  (one): it is away", "jump-failed"));
  EXPECT_FALSE(explained("jump host 1 (one): ", "jump-failed"));
  EXPECT_FALSE(explained(printed, "no-such-row"));
}

}  // namespace
}  // namespace tunnel::integration
