#include "wire/writer.hpp"

#include <gtest/gtest.h>

#include "wire/reader.hpp"

namespace tunnel::wire {
namespace {

TEST(WireWriter, WritesTheExamplesOfRfc4251) {
  octets out;
  writer(out).uint32(699921578).text("testing");
  EXPECT_EQ(out, (octets{0x29, 0xb7, 0xf4, 0xaa, 0, 0, 0, 7, 't', 'e', 's', 't', 'i', 'n', 'g'}));
  out.clear();
  writer(out).mpint({}).mpint(octets{0x80}).mpint(octets{0x09, 0xa3});
  EXPECT_EQ(out, (octets{0, 0, 0, 0, 0, 0, 0, 2, 0x00, 0x80, 0, 0, 0, 2, 0x09, 0xa3}));
  out.clear();
  const std::vector<std::string_view> names = {"zlib", "none"};
  writer(out).name_list({}).name_list(names);
  EXPECT_EQ(out, (octets{0, 0, 0, 0, 0, 0, 0, 9, 'z', 'l', 'i', 'b', ',', 'n', 'o', 'n', 'e'}));
}

TEST(WireWriter, DropsLeadingZerosOfIntegers) {
  octets out;
  writer(out).mpint(octets{0, 0, 0x7f}).mpint(octets{0, 0}).mpint(octets{0, 0xff});
  EXPECT_EQ(out, (octets{0, 0, 0, 1, 0x7f, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xff}));
}

TEST(WireWriter, WritesWhatTheReaderReads) {
  octets out;
  writer(out)
      .byte(0xfe)
      .boolean(true)
      .boolean(false)
      .uint64(0x0102030405060708U)
      .string(octets{9})
      .raw(octets{1, 2});
  reader from(out);
  EXPECT_EQ(from.byte(), 0xfe);
  EXPECT_EQ(from.boolean(), true);
  EXPECT_EQ(from.boolean(), false);
  EXPECT_EQ(from.uint64(), 0x0102030405060708U);
  EXPECT_EQ(from.string()->size(), 1U);
  EXPECT_EQ(from.raw(2)->size(), 2U);
  EXPECT_TRUE(from.at_end());
}

TEST(WireWriter, AppendsToWhatIsThere) {
  octets out = {1};
  writer(out).byte(2);
  EXPECT_EQ(out, (octets{1, 2}));
}

}  // namespace
}  // namespace tunnel::wire
