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
  result<bool> revokes(const std::string& text, const std::vector<std::string>& keys) {
    std::vector<octets> blobs;
    for (const std::string& key : keys) blobs.push_back(parse_public_key(key).value().blob);
    const std::vector<octet_view> views(blobs.begin(), blobs.end());
    return is_revoked(folder_.write("revoked", text), views);
  }

  support::temporary_folder folder_;
};

TEST_F(RevokedKeys, AreThoseThatTheFileNames) {
  EXPECT_TRUE(revokes(one + " comment\n", {one}).value());
  EXPECT_FALSE(revokes(one + "\n", {two}).value());
  EXPECT_TRUE(revokes("# old\n\nnonsense\n  " + two + "\r\n" + one, {one}).value());
  EXPECT_FALSE(revokes("#" + one + "\n", {one}).value());
  EXPECT_FALSE(revokes("", {one}).value());
}

TEST_F(RevokedKeys, AreAmongSeveral) {
  EXPECT_TRUE(revokes(two + "\n", {one, two}).value()) << "such as a certificate's authority";
  EXPECT_FALSE(revokes(two + "\n", {}).value());
}

TEST_F(RevokedKeys, AreNotKnownWithoutTheFile) {
  EXPECT_FALSE(is_revoked(folder_.path("missing"), {}));
}

TEST_F(RevokedKeys, AreNotReadFromABinaryList) {
  const std::string keys = folder_.write("keys", one + "\n");
  const std::string list = folder_.path("krl");
  ASSERT_TRUE(output_of("ssh-keygen -k -f " + list + ' ' + keys));
  const auto answer = is_revoked(list, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, make_error_code(errc::malformed));
}

}  // namespace
}  // namespace tunnel::config
