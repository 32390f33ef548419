#include "logging.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "support/temporary_folder.hpp"

namespace tunnel {
namespace {

using std::filesystem::perms;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using tunnel::support::content_of;

class Logging : public testing::Test {
 protected:
  void write_to_file() { ASSERT_TRUE(log_.write_to(file_)); }

  perms permissions() const { return std::filesystem::status(file_).permissions(); }

  support::temporary_folder folder_;
  std::string file_ = folder_.path("log");
  program_log log_;
};

TEST_F(Logging, DatesTheLinesOfAFile) {
  write_to_file();
  log::warn("a {}", "sentence");
  EXPECT_THAT(content_of(file_), testing::MatchesRegex("....-..-.. ..:..:..\\.... warning: a sentence\n"));
}

TEST_F(Logging, ShowsLinesFromALevelUp) {
  write_to_file();
  log::debug("not shown");
  log_.show_from(log::level::debug);
  log::debug("shown");
  EXPECT_THAT(content_of(file_), EndsWith(" debug: shown\n"));
  EXPECT_THAT(content_of(file_), testing::Not(HasSubstr("not shown")));
}

TEST_F(Logging, MakesAFileForItsOwnerAlone) {
  const auto before = ::umask(0);
  write_to_file();
  ::umask(before);
  EXPECT_EQ(permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(Logging, AppendsToAFileAndLeavesItsPermissions) {
  folder_.write("log", "as it was\n", 0644);
  write_to_file();
  log::info("more");
  EXPECT_THAT(content_of(file_), StartsWith("as it was\n"));
  EXPECT_THAT(content_of(file_), EndsWith("more\n"));
  EXPECT_EQ(permissions() & perms::others_read, perms::others_read);
}

TEST_F(Logging, MakesNoFolder) {
  file_ = folder_.path("missing/log");
  const auto opened = log_.write_to(file_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "cannot open the log file " + file_ + ": No such file or directory");
}

TEST_F(Logging, GoesOnWithTheOldFileWhereThereCanBeNoNewOne) {
  write_to_file();
  const auto old = folder_.path("old");
  std::filesystem::rename(file_, old);
  std::filesystem::create_directory(file_);
  EXPECT_FALSE(log_.reopen());
  log::info("still here");
  EXPECT_THAT(content_of(old), EndsWith("still here\n"));
  std::filesystem::remove(file_);
  EXPECT_TRUE(log_.reopen());
  log::info("here again");
  EXPECT_THAT(content_of(file_), EndsWith("here again\n"));
}

TEST_F(Logging, LosesNoLineWhileItsFileIsOpenedAnew) {
  constexpr std::ptrdiff_t lines = 5000;
  write_to_file();
  std::atomic<bool> over = false;
  std::thread other([&] {
    for (std::ptrdiff_t i = 0; i < lines; ++i) log::info("line");
    over = true;
  });
  std::string all;
  do {
    const auto old = folder_.path("old");
    std::filesystem::rename(file_, old);
    EXPECT_TRUE(log_.reopen());
    all += content_of(old);
  } while (!over);
  other.join();
  all += content_of(file_);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), lines);
}

}  // namespace
}  // namespace tunnel
