#include "config/revoked_keys.hpp"

#include <gtest/gtest.h>

#include "config/errors.hpp"
#include "config/public_key.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

const std::string one = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICUZWVdHnSG990BW6KTHG3IWBR6BnDIoSywsqEQHsJ6O";
const std::string two = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICUZWVdHnSG990BW6KTHG3IWBR6BnDIoSywsqEQHsJ6P";

class RevokedKeys : public testing::Test {
 protected:
  result<bool> revokes(const std::string& text, const std::string& key, const std::string& authority = "") {
    const octets blob = parse_public_key(key).value().blob;
    const octets by = authority.empty() ? octets() : parse_public_key(authority).value().blob;
    revocable_key shown{.blob = blob};
    if (!by.empty()) shown.certified = {.authority_blob = by};
    return is_revoked(folder_.write("revoked", text), shown);
  }

  support::temporary_folder folder_;
};

TEST_F(RevokedKeys, AreThoseThatTheFileNames) {
  EXPECT_TRUE(revokes(one + " comment\n", one).value());
  EXPECT_FALSE(revokes(one + "\n", two).value());
  EXPECT_TRUE(revokes("# old\n\n \t\n  " + two + "\r\n" + one, one).value());
  EXPECT_FALSE(revokes("#" + one + "\n", one).value());
  EXPECT_FALSE(revokes("", one).value());
}

TEST_F(RevokedKeys, AreNotKnownWhereALineIsNoKey) {
  for (const auto& text : {"nonsense\n" + one, one + "\n" + two.substr(0, two.size() - 3) + "\n"}) {
    const auto answer = revokes(text, one);
    ASSERT_FALSE(answer) << text;
    EXPECT_EQ(answer.error().code, make_error_code(errc::malformed));
    EXPECT_NE(answer.error().message.find(" line "), std::string::npos) << answer.error().message;
  }
}

TEST_F(RevokedKeys, AreAlsoThoseOfARevokedAuthority) {
  EXPECT_TRUE(revokes(two + "\n", one, two).value());
  EXPECT_FALSE(revokes("", one, two).value());
}

TEST_F(RevokedKeys, AreNotKnownWithoutTheFile) {
  EXPECT_FALSE(is_revoked(folder_.path("missing"), {}));
}

TEST_F(RevokedKeys, NameTheFileThatIsMalformed) {
  const auto answer = revokes(std::string("SSHKRL\n\0", 8), one);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, make_error_code(errc::malformed));
  EXPECT_TRUE(answer.error().message.starts_with(folder_.path("revoked"))) << answer.error().message;
}

}  // namespace
}  // namespace tunnel::config
