#include "ssh/native/core/identification.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "inbound.hpp"
#include "ssh/native/core/errors.hpp"

namespace tunnel::ssh::native {
namespace {

using namespace std::string_view_literals;
using testing::HasSubstr;

constexpr std::string_view usual = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3";

// What is read of a text that comes all at once; empty: more is needed.
result<std::string> read(std::string_view text) {
  inbound_buffer buffer;
  identification_reader reader;
  put(buffer, text);
  auto found = reader.next(buffer);
  if (!found) return found.error();
  return found->value_or("");
}

void expect_refused(std::string_view text, const std::string& part_of_message) {
  const auto refused = read(text);
  ASSERT_FALSE(refused) << *refused;
  EXPECT_EQ(refused.error().code, errc::protocol_version_not_supported);
  EXPECT_THAT(refused.error().message, HasSubstr(part_of_message));
}

TEST(Identification, IsTheLineWithoutItsEnding) {
  EXPECT_EQ(read(std::string(usual) + "\r\n").value(), usual);
}

// RFC 4253 section 4.2: some implementations leave the CR out.
TEST(Identification, MayEndWithoutACarriageReturn) {
  EXPECT_EQ(read(std::string(usual) + "\n").value(), usual);
}

TEST(Identification, LeavesWhatComesBehindIt) {
  inbound_buffer buffer;
  identification_reader reader;
  put(buffer, "SSH-2.0-a\r\n\0\0\1"sv);
  EXPECT_EQ(reader.next(buffer).value(), "SSH-2.0-a");
  EXPECT_EQ(as_text(buffer.unread()), "\0\0\1"sv);
}

TEST(Identification, IsTheSameWhenItComesOctetByOctet) {
  const std::string text = "a notice\r\n\r\nanother\n" + std::string(usual) + "\r\n";
  inbound_buffer buffer;
  identification_reader reader;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    put(buffer, text.substr(i, 1));
    const auto found = reader.next(buffer);
    ASSERT_TRUE(found) << i;
    EXPECT_FALSE(*found) << i;
  }
  put(buffer, text.substr(text.size() - 1));
  EXPECT_EQ(reader.next(buffer).value(), usual);
}

// RFC 4253 section 5.1.
TEST(Identification, MayBeOfAServerThatSpeaksVersion1Too) {
  EXPECT_EQ(read("SSH-1.99-OpenSSH_3.9\n").value(), "SSH-1.99-OpenSSH_3.9");
}

TEST(Identification, IsRefusedForOtherVersions) {
  for (const auto* version :
       {"SSH-1.5-OpenSSH", "SSH-2.1-x", "SSH-3.0-x", "SSH-2.0", "SSH-2.0x", "SSH-", "SSH-1.9-x"})
    expect_refused(std::string(version) + "\r\n", "does not speak SSH version 2");
}

TEST(Identification, IsShownWithoutControlCharactersWhenItIsRefused) {
  const auto refused = read("SSH-1.5-\x1b[2J\x07\r\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(refused.error().message.find('\x07'), std::string::npos);
}

TEST(Identification, HasNoNul) {
  expect_refused("SSH-2.0-a\0b\r\n"sv, "NUL");
}

// RFC 4253 section 4.2: 255 characters with CR and LF.
TEST(Identification, IsAtMost253OctetsLong) {
  const std::string begin = "SSH-2.0-";
  const auto longest = begin + std::string(identification_reader::max_length - begin.size(), 'x');
  EXPECT_EQ(read(longest + "\r\n").value(), longest);
  EXPECT_EQ(read(longest + "\n").value(), longest);
  expect_refused(longest + "x\r\n", "too long");
}

TEST(Identification, MayFollowOtherLines) {
  EXPECT_EQ(read("Welcome\r\n\n ssh-2.0-no\nxSSH-2.0-no\r\n\0\x80\r\nSSH-2.0-yes\r\n"sv).value(),
            "SSH-2.0-yes");
}

TEST(Identification, FollowsAtMostSoManyLines) {
  const auto lines = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "\n";
    return text + "SSH-2.0-a\n";
  };
  EXPECT_EQ(read(lines(identification_reader::max_lines - 1)).value(), "SSH-2.0-a");
  expect_refused(lines(identification_reader::max_lines), "is it an SSH server?");
}

TEST(Identification, FollowsLinesOfLimitedLength) {
  const std::string longest(identification_reader::max_line, 'x');
  EXPECT_EQ(read(longest + "\nSSH-2.0-a\n").value(), "SSH-2.0-a");
  expect_refused(longest + "x\nSSH-2.0-a\n", "is it an SSH server?");
}

TEST(Identification, IsNotWaitedForOnALineWithoutEnd) {
  EXPECT_EQ(read(std::string(identification_reader::max_line, 'x')).value(), "");
  expect_refused(std::string(identification_reader::max_line + 1, 'x'), "is it an SSH server?");
}

TEST(Identification, FollowsLimitedOctetsInAll) {
  // Each line of 1024 octets, its ending included.
  const auto lines = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += std::string(1023, 'x') + "\n";
    return text + "SSH-2.0-a\n";
  };
  constexpr auto most = identification_reader::max_total / 1024;
  EXPECT_EQ(read(lines(most - 1)).value(), "SSH-2.0-a");
  expect_refused(lines(most), "is it an SSH server?");
}

TEST(Identification, OfAnHttpServerIsNone) {
  expect_refused("HTTP/1.1 400 Bad Request\r\n\r\n" + std::string(10000, 'x'), "is it an SSH server?");
}

}  // namespace
}  // namespace tunnel::ssh::native
