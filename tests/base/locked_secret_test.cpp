#include "base/locked_secret.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace tunnel {
namespace {

// In KiB: what of this process is never swapped out.
long locked_memory() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    long amount = 0;
    if (word == "VmLck:" && status >> amount) return amount;
  }
  return -1;
}

// Whether memory of these properties is mapped ("lo": locked, "dd": not dumped, "wf": wiped in children).
bool has_mapping_with(const std::string& first, const std::string& second, const std::string& third) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  while (std::getline(maps, line)) {
    if (!line.starts_with("VmFlags:")) continue;
    line += ' ';
    const auto has = [&line](const std::string& flag) {
      return line.find(' ' + flag + ' ') != std::string::npos;
    };
    if (has(first) && has(second) && has(third)) return true;
  }
  return false;
}

TEST(LockedSecret, GivesWhatItWasGiven) {
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 10000U}) {
    const locked_secret kept(secret(std::string(size, 'x')));
    EXPECT_EQ(kept.copy().reveal(), std::string(size, 'x'));
  }
}

TEST(LockedSecret, IsNeitherSwappedNorDumpedNorInherited) {
  const auto before = locked_memory();
  ASSERT_GE(before, 0);
  {
    const locked_secret kept(secret(std::string("hidden")));
    EXPECT_TRUE(kept.is_locked());
    EXPECT_GT(locked_memory(), before);
    EXPECT_TRUE(has_mapping_with("lo", "dd", "wf"));
  }
  EXPECT_EQ(locked_memory(), before) << "it goes with the object";
}

TEST(LockedSecret, Moves) {
  const auto before = locked_memory();
  {
    locked_secret one(secret(std::string("one")));
    locked_secret other(std::move(one));
    EXPECT_EQ(other.copy().reveal(), "one");
    locked_secret third(secret(std::string("third")));
    third = std::move(other);
    EXPECT_EQ(third.copy().reveal(), "one");
  }
  EXPECT_EQ(locked_memory(), before);
}

}  // namespace
}  // namespace tunnel
