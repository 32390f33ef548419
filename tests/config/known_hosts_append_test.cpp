#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "config/errors.hpp"
#include "config/known_hosts.hpp"
#include "config/public_key.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

// Made for these tests with ssh-keygen; nobody has the private part.
const std::string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJSDRJ8fo+pI6Ddmub7LiXQLTwEzjfbGYxcxIKLhio30";

octets blob() {
  return parse_public_key(key).value().blob;
}

result<void> append(const std::string& file, const std::string& host = "Host", std::uint16_t port = 22,
                    host_name_form form = host_name_form::plain) {
  return append_host_key(file, host, port, blob(), form);
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

TEST(KnownHostsAppend, MakesFileAndFolderForTheUserAlone) {
  const support::temporary_folder folder;
  const std::string file = folder.path(".ssh/known_hosts");
  ASSERT_TRUE(append(file));
  EXPECT_EQ(support::content_of(file), "host " + key + "\n");
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(mode_of(folder.path(".ssh")), 0700U);
}

TEST(KnownHostsAppend, AppendsAndEndsAnUnfinishedLine) {
  const support::temporary_folder folder;
  const std::string file = folder.write("k", "other line", 0644);
  ASSERT_TRUE(append(file, "host", 2222));
  EXPECT_EQ(support::content_of(file), "other line\n[host]:2222 " + key + "\n");
  ASSERT_TRUE(append(file, "::1", 22));
  EXPECT_EQ(support::content_of(file), "other line\n[host]:2222 " + key + "\n::1 " + key + "\n");
  EXPECT_EQ(mode_of(file), 0644U) << "an existing file keeps its permissions";
}

TEST(KnownHostsAppend, WritesWhatLookUpAndSshKeygenFind) {
  for (const auto form : {host_name_form::plain, host_name_form::hashed}) {
    const support::temporary_folder folder;
    const std::vector<std::string> files = {folder.path("k")};
    ASSERT_TRUE(append(files[0], "host.example", 22, form));
    ASSERT_TRUE(append(files[0], "host.example", 2222, form));
    EXPECT_EQ(look_up_host_key(files, "HOST.example", 22, blob())->status, host_key_status::match);
    EXPECT_EQ(look_up_host_key(files, "host.example", 2222, blob())->status, host_key_status::match);
    EXPECT_TRUE(output_of("ssh-keygen -F host.example -f " + files[0]));
    EXPECT_TRUE(output_of("ssh-keygen -F '[host.example]:2222' -f " + files[0]));
    EXPECT_FALSE(output_of("ssh-keygen -F other.example -f " + files[0]));
    EXPECT_EQ(support::content_of(files[0]).find("host.example") == std::string::npos,
              form == host_name_form::hashed);
  }
}

TEST(KnownHostsAppend, HashesWithAFreshSaltEachTime) {
  const support::temporary_folder folder;
  const std::string one = folder.path("one");
  const std::string other = folder.path("other");
  ASSERT_TRUE(append(one, "host", 22, host_name_form::hashed));
  ASSERT_TRUE(append(other, "host", 22, host_name_form::hashed));
  EXPECT_NE(support::content_of(one), support::content_of(other));
}

TEST(KnownHostsAppend, RefusesNamesThatWouldMeanSomethingElse) {
  const support::temporary_folder folder;
  const std::string file = folder.path("k");
  for (const std::string host :
       {"", "*", "a*", "a?", "!a", "a,b", "a b", "a\tb", "a\nb", "|1|x", "#a", "@revoked", "a\x7f"}) {
    EXPECT_FALSE(append(file, host)) << host;
  }
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(KnownHostsAppend, RefusesWhatIsNoKey) {
  const support::temporary_folder folder;
  const std::string file = folder.path("k");
  EXPECT_FALSE(append_host_key(file, "host", 22, {}, host_name_form::plain));
  EXPECT_FALSE(append_host_key(file, "host", 22, octets{0, 0, 0, 3, 'a', '\n', 'b'}, host_name_form::plain));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(KnownHostsAppend, FollowsTheUsersOwnLink) {
  const support::temporary_folder folder;
  const std::string target = folder.write("target", "");
  std::filesystem::create_symlink(target, folder.path("link"));
  ASSERT_TRUE(append(folder.path("link")));
  EXPECT_EQ(support::content_of(target), "host " + key + "\n");
}

TEST(KnownHostsAppend, RefusesSomebodyElsesLink) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can lay a link in another user's name";
  const support::temporary_folder folder;
  const std::string target = folder.write("target", "");
  const std::string link = folder.path("link");
  std::filesystem::create_symlink(target, link);
  ASSERT_EQ(::lchown(link.c_str(), 65534, 65534), 0);
  EXPECT_EQ(append(link).error().code, errc::unsafe_permissions);
  EXPECT_EQ(support::content_of(target), "");
}

TEST(KnownHostsAppend, SaysWhyItCannotWrite) {
  const support::temporary_folder folder;
  EXPECT_FALSE(append(folder.path("")));
  EXPECT_FALSE(append(folder.path("no/such/folder/k")));
  EXPECT_FALSE(append("/dev/full"));
  EXPECT_TRUE(append("/dev/null")) << "people switch the file off with it";
}

}  // namespace
}  // namespace tunnel::config
