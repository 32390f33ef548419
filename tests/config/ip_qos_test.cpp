#include "config/ip_qos.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tunnel::config {
namespace {

TEST(IpQos, ReadsNamesAndNumbers) {
  const std::pair<const char*, int> samples[] = {{"af11", 0x28}, {"CS1", 0x20},     {"ef", 0xb8},
                                                 {"le", 0x04},   {"throughput", 8}, {"0x20", 0x20},
                                                 {"255", 255},   {"010", 8},        {"0", 0}};
  for (const auto& [text, value] : samples) {
    const auto read = parse_type_of_service(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, value) << text;
  }
}

TEST(IpQos, KnowsTheSystemsOwn) {
  EXPECT_EQ(parse_type_of_service("None"), system_service);
}

TEST(IpQos, RefusesOthers) {
  for (const char* text : {"", "256", "-1", "08", "0x", "0x100", "va", "1 ", "af"})
    EXPECT_FALSE(parse_type_of_service(text)) << text;
}

TEST(IpQos, IsWrittenAsSshWritesIt) {
  EXPECT_EQ(name_of(system_service), "none");
  EXPECT_EQ(name_of(0x20), "cs1");
  EXPECT_EQ(name_of(0x10), "lowdelay");
  EXPECT_EQ(name_of(0xfe), "0xfe");
}

}  // namespace
}  // namespace tunnel::config
