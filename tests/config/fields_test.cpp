#include "config/fields.hpp"

#include <gtest/gtest.h>

namespace tunnel::config {
namespace {

TEST(Fields, AreWhatSpacesAndTabsSeparate) {
  std::string_view rest = " \t@revoked  host\tssh-ed25519 AAAA a comment ";
  EXPECT_EQ(next_field(rest), "@revoked");
  EXPECT_EQ(rest, "host\tssh-ed25519 AAAA a comment ") << "what comes next begins with a field";
  EXPECT_EQ(next_field(rest), "host");
  EXPECT_EQ(next_field(rest), "ssh-ed25519");
  EXPECT_EQ(next_field(rest), "AAAA");
  EXPECT_EQ(rest, "a comment ");
}

TEST(Fields, AreEmptyWhereThereIsNone) {
  for (std::string_view rest : {"", " ", "\t "}) {
    EXPECT_EQ(next_field(rest), "");
    EXPECT_EQ(rest, "");
  }
}

}  // namespace
}  // namespace tunnel::config
