#include "config/values.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tunnel::config {
namespace {

using std::chrono::seconds;

TEST(ConfigValues, ReadTimesInSshsFormat) {
  EXPECT_EQ(parse_time("0"), seconds(0));
  EXPECT_EQ(parse_time("30"), seconds(30));
  EXPECT_EQ(parse_time("1m"), seconds(60));
  EXPECT_EQ(parse_time("1h30m"), seconds(5400));
  EXPECT_EQ(parse_time("1H30M5S"), seconds(5405));
  EXPECT_EQ(parse_time("2d"), seconds(172800));
  EXPECT_EQ(parse_time("1w"), seconds(604800));
  EXPECT_EQ(parse_time("1m30"), seconds(90));
  EXPECT_EQ(parse_time("2147483647"), seconds(2147483647));
}

TEST(ConfigValues, RefuseWhatIsNoTime) {
  for (const std::string_view text : {"", "m", "-1", "+1", "1.5", "1x", "1 m", " 1", "1m ", "2147483648",
                                      "99999999999w", "2147483647s1s", "3551w", "0x10"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(ConfigValues, ReadSizesInSshsFormat) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("1000"), 1000U);
  EXPECT_EQ(parse_size("100b"), 100U);
  EXPECT_EQ(parse_size("4K"), 4096U);
  EXPECT_EQ(parse_size("1m"), 1048576U);
  EXPECT_EQ(parse_size("1.5G"), 1610612736U);
  EXPECT_EQ(parse_size(".5M"), 524288U);
  EXPECT_EQ(parse_size("1.k"), 1024U);
  EXPECT_EQ(parse_size("1.9"), 1U);
  EXPECT_EQ(parse_size("0.9999999999999999999999999K"), 1023U);
  EXPECT_EQ(parse_size("9223372036854775807"), 9223372036854775807U);
  EXPECT_EQ(parse_size("8388607.999T"), 9223370937343148032U + 1098412116148U);
}

TEST(ConfigValues, RefuseWhatIsNoSize) {
  for (const std::string_view text : {"", ".", "K", ".K", "-1", "1X", "1KB", "1 K", "1..5K", "0x10",
                                      "9223372036854775808", "8388608T", "99999999999999999999", "1.5.5G"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(ConfigValues, ReadPorts) {
  EXPECT_EQ(parse_port("0"), 0);
  EXPECT_EQ(parse_port("22"), 22);
  EXPECT_EQ(parse_port("00022"), 22);
  EXPECT_EQ(parse_port("65535"), 65535);
  for (const std::string_view text : {"", "65536", "-1", "+1", "22 ", "0x16", "2 2", "4294967318"})
    EXPECT_FALSE(parse_port(text)) << text;
}

TEST(ConfigValues, ReadFlagsInAnyCase) {
  EXPECT_EQ(parse_flag("YES"), true);
  EXPECT_EQ(parse_flag("true"), true);
  EXPECT_EQ(parse_flag("no"), false);
  EXPECT_EQ(parse_flag("False"), false);
  for (const std::string_view text : {"", "on", "1", "yess", "y"}) EXPECT_FALSE(parse_flag(text)) << text;
}

TEST(ConfigValues, FindTheNameThatWasMeant) {
  constexpr std::array<std::string_view, 4> names = {"Port", "HostName", "User", "IdentityFile"};
  EXPECT_EQ(nearest("Prot", names), "Port");
  EXPECT_EQ(nearest("hostnam", names), "HostName");
  EXPECT_EQ(nearest("IdentifyFiles", names), "IdentityFile");
  EXPECT_EQ(nearest("Banana", names), std::nullopt);
  EXPECT_EQ(nearest("", names), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 'x'), names), std::nullopt);
}

TEST(ConfigValues, QuoteWhatCouldDisturbATerminal) {
  EXPECT_EQ(in_quotes("a\x1b[2J"), "\"a\\x1b[2J\"");
}

}  // namespace
}  // namespace tunnel::config
