#include "config/replace_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "config/errors.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

constexpr std::size_t limit = 1000;

class ReplaceFile : public testing::Test {
 protected:
  static unsigned mode_of(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }
  // What lies in the folder, so that nothing else is left.
  std::size_t files() const {
    const std::filesystem::directory_iterator all(std::filesystem::path(folder_.path("")));
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  support::temporary_folder folder_;
};

TEST_F(ReplaceFile, KeepsTheModeAndLeavesNothingElse) {
  const auto file = folder_.write("file", "old", 0644);
  ASSERT_TRUE(replace_file(file, limit, [](const std::string& text) { return text + " and new"; }));
  EXPECT_EQ(support::content_of(file), "old and new");
  EXPECT_EQ(mode_of(file), 0644U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(ReplaceFile, MakesAMissingFileForTheUserAlone) {
  ASSERT_TRUE(
      replace_file(folder_.path("file"), limit, [](const std::string& text) { return text + "new"; }));
  EXPECT_EQ(support::content_of(folder_.path("file")), "new");
  EXPECT_EQ(mode_of(folder_.path("file")), 0600U);
}

TEST_F(ReplaceFile, LeavesTheFileAloneWhenNothingChanges) {
  const auto file = folder_.write("file", "old");
  struct stat before {};
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  ASSERT_TRUE(replace_file(file, limit, [](const std::string& text) { return text; }));
  struct stat after {};
  ASSERT_EQ(::stat(file.c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  ASSERT_TRUE(replace_file(folder_.path("missing"), limit, [](const std::string& text) { return text; }));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("missing")));
}

TEST_F(ReplaceFile, LosesNothingThatSomebodyElseWritesMeanwhile) {
  const auto file = folder_.write("file", "old");
  unsigned calls = 0;
  ASSERT_TRUE(replace_file(file, limit, [&](const std::string& text) {
    if (++calls == 1) std::ofstream(file, std::ios::app) << " theirs";
    return text + " ours";
  }));
  EXPECT_EQ(support::content_of(file), "old theirs ours");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ReplaceFile, KeepsALinkAndReplacesWhatItLeadsTo) {
  const auto file = folder_.write("file", "old");
  const auto link = folder_.path("link");
  std::filesystem::create_symlink("file", link);
  ASSERT_TRUE(replace_file(link, limit, [](const std::string&) { return std::string("new"); }));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(support::content_of(file), "new");
}

TEST_F(ReplaceFile, TouchesNoLinkOfSomebodyElses) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can lay such a link here";
  const auto file = folder_.write("file", "old");
  const auto link = folder_.path("link");
  std::filesystem::create_symlink("file", link);
  ASSERT_EQ(::lchown(link.c_str(), 1234, 1234), 0);
  const auto done = replace_file(link, limit, [](const std::string&) { return std::string("new"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::unsafe_permissions);
  EXPECT_EQ(support::content_of(file), "old");
}

TEST_F(ReplaceFile, ReplacesNoDeviceAndNothingTooLarge) {
  const auto shouting = [](const std::string&) { return std::string("new"); };
  EXPECT_EQ(replace_file("/dev/null", limit, shouting).error().code, errc::unsafe_permissions);
  const auto file = folder_.write("file", std::string(limit + 1, 'x'));
  EXPECT_EQ(replace_file(file, limit, shouting).error().code, errc::too_large);
  EXPECT_EQ(support::content_of(file).size(), limit + 1);
}

}  // namespace
}  // namespace tunnel::config
