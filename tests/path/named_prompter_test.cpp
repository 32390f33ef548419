#include "path/named_prompter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_prompter.hpp"

namespace tunnel::path {
namespace {

using testing::ElementsAre;

TEST(NamedPrompter, SaysWhichPartOfTheWayAsks) {
  support::scripted_prompter user({"secret", "yes"});
  named_prompter named(user, "jump host 2 (two)");
  const auto password = named.ask("me@two's password: ", ssh::echo::off);
  ASSERT_TRUE(password);
  EXPECT_EQ(password->reveal(), "secret");
  named.tell("try again");
  ASSERT_EQ(user.asked().size(), 1U);
  EXPECT_EQ(user.asked()[0].prompt, "jump host 2 (two): me@two's password: ");
  EXPECT_EQ(user.asked()[0].shown, ssh::echo::off);
  EXPECT_THAT(user.told(), ElementsAre("jump host 2 (two): try again"));
}

}  // namespace
}  // namespace tunnel::path
