#include "wire/reader.hpp"

#include <gtest/gtest.h>

#include "wire/writer.hpp"

namespace tunnel::wire {
namespace {

octets with_length(std::uint32_t length, const octets& data) {
  octets out;
  writer(out).uint32(length).raw(data);
  return out;
}

TEST(WireReader, ReadsTheExamplesOfRfc4251) {
  // RFC 4251 §5: 699921578 as uint32, "testing" as string, and the mpint and name-list tables.
  const octets number = {0x29, 0xb7, 0xf4, 0xaa};
  EXPECT_EQ(reader(number).uint32(), 699921578U);
  const octets text = {0, 0, 0, 7, 't', 'e', 's', 't', 'i', 'n', 'g'};
  EXPECT_EQ(reader(text).text(), "testing");
  const octets zero = {0, 0, 0, 0};
  ASSERT_TRUE(reader(zero).mpint());
  EXPECT_TRUE(reader(zero).mpint()->empty());
  const octets large = {0, 0, 0, 8, 0x09, 0xa3, 0x78, 0xf9, 0xb2, 0xe3, 0x32, 0xa7};
  EXPECT_EQ(reader(large).mpint()->size(), 8U);
  const octets padded = {0, 0, 0, 2, 0x00, 0x80};
  ASSERT_EQ(reader(padded).mpint()->size(), 1U);
  EXPECT_EQ(reader(padded).mpint()->front(), 0x80);
  const octets empty_list = {0, 0, 0, 0};
  EXPECT_TRUE(reader(empty_list).name_list()->empty());
  const octets list = {0, 0, 0, 9, 'z', 'l', 'i', 'b', ',', 'n', 'o', 'n', 'e'};
  EXPECT_EQ(reader(list).name_list(), (std::vector<std::string_view>{"zlib", "none"}));
}

TEST(WireReader, RefusesNegativeAndNonMinimalIntegers) {
  const std::vector<octets> refused = {
      {0, 0, 0, 2, 0xed, 0xcc},        // RFC 4251 §5: -1234
      {0, 0, 0, 1, 0x00},              // zero is written without octets
      {0, 0, 0, 2, 0x00, 0x7f},        // a zero octet that nothing needs
      {0, 0, 0, 3, 0x00, 0x00, 0x80},  // one too many
      {0, 0, 0, 2, 0xff, 0xff},        // -1, and non-minimal
  };
  for (const octets& value : refused) {
    reader from(value);
    EXPECT_FALSE(from.mpint());
    EXPECT_EQ(from.rest().size(), value.size()) << "a refused value stays unread";
  }
}

TEST(WireReader, RefusesMalformedNameLists) {
  const std::vector<std::string> refused = {
      ",", "a,", ",a", "a,,b", "a b", "a\tb", "\x80", std::string("a\0b", 3), std::string(max_name + 1, 'x')};
  for (const std::string& list : refused) {
    octets data;
    writer(data).text(list);
    reader from(data);
    EXPECT_FALSE(from.name_list()) << list;
    EXPECT_EQ(from.rest().size(), data.size());
  }
  octets longest;
  writer(longest).text(std::string(max_name, 'x'));
  EXPECT_TRUE(reader(longest).name_list());
}

TEST(WireReader, BoundsTheLengthOfNameLists) {
  std::string list = "a";
  while (list.size() + 2 <= max_name_list) list += ",a";
  octets data;
  writer(data).text(list);
  EXPECT_TRUE(reader(data).name_list());
  octets larger;
  writer(larger).text(list + ",aa");
  EXPECT_FALSE(reader(larger).name_list());
}

TEST(WireReader, RefusesLengthsBeyondWhatIsLeft) {
  for (const std::uint32_t length : {4U, 5U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    const octets data = with_length(length, {1, 2, 3});
    reader from(data);
    EXPECT_FALSE(from.string());
    EXPECT_FALSE(from.text());
    EXPECT_FALSE(from.mpint());
    EXPECT_FALSE(from.name_list());
    EXPECT_EQ(from.rest().size(), data.size());
  }
}

TEST(WireReader, ReadsNothingFromAMessageCutAnywhere) {
  octets whole;
  writer(whole)
      .byte(7)
      .boolean(true)
      .uint32(8)
      .uint64(9)
      .text("abc")
      .mpint(octets{1, 2})
      .name_list(std::vector<std::string_view>{"x", "y"});
  const auto read_all = [](octet_view data) {
    reader from(data);
    return from.byte() && from.boolean() && from.uint32() && from.uint64() && from.string() && from.mpint() &&
           from.name_list() && from.at_end();
  };
  EXPECT_TRUE(read_all(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_all(octet_view(whole).first(size))) << size;
}

TEST(WireReader, TakesAnyOctetButZeroForTrue) {
  const octets data = {0, 1, 0xff};
  reader from(data);
  EXPECT_EQ(from.boolean(), false);
  EXPECT_EQ(from.boolean(), true);
  EXPECT_EQ(from.boolean(), true);
  EXPECT_EQ(from.boolean(), std::nullopt);
}

}  // namespace
}  // namespace tunnel::wire
