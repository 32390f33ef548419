#include "base/text.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <tuple>

namespace tunnel {
namespace {

using namespace std::string_literals;

TEST(Sanitise, PassesPlainTextAndBackslashesUnchanged) {
  EXPECT_EQ(sanitise(""), "");
  EXPECT_EQ(sanitise("Connection refused"), "Connection refused");
  EXPECT_EQ(sanitise(R"(C:\temp \x1b)"), R"(C:\temp \x1b)");
}

TEST(Sanitise, PassesValidUtf8OfEveryLength) {
  const std::string text = "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf";
  EXPECT_EQ(sanitise(text), text);
}

TEST(Sanitise, EscapesEveryC0ControlAndDel) {
  EXPECT_EQ(sanitise("\0"s), "\\x00");
  EXPECT_EQ(sanitise("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(sanitise("a\r\n\tb"), "a\\x0d\\x0a\\x09b");
  EXPECT_EQ(sanitise("\x7f"), "\\x7f");
  for (int c = 0; c < 0x20; ++c) EXPECT_EQ(sanitise(std::string(1, static_cast<char>(c))).size(), 4U) << c;
}

TEST(Sanitise, EscapesEveryC1Control) {
  EXPECT_EQ(sanitise("\xc2\x80\xc2\x9b\xc2\x9f"), "\\u{0080}\\u{009b}\\u{009f}");
  EXPECT_EQ(sanitise("\xc2\xa0"), "\xc2\xa0");
}

// The character and what it becomes.
using escape = std::tuple<std::string, std::string>;
class SanitisedCharacter : public testing::TestWithParam<escape> {};

TEST_P(SanitisedCharacter, IsShownAsItsCodePoint) {
  const auto& [text, shown] = GetParam();
  EXPECT_EQ(sanitise(text), shown);
  EXPECT_EQ(sanitised_lines(text), std::vector{shown});
}

INSTANTIATE_TEST_SUITE_P(
    BidirectionalAndLineSeparators, SanitisedCharacter,
    testing::Values(escape{"\xd8\x9c", "\\u{061c}"}, escape{"\xe2\x80\x8e", "\\u{200e}"},
                    escape{"\xe2\x80\x8f", "\\u{200f}"}, escape{"\xe2\x80\xaa", "\\u{202a}"},
                    escape{"\xe2\x80\xae", "\\u{202e}"}, escape{"\xe2\x81\xa6", "\\u{2066}"},
                    escape{"\xe2\x81\xa9", "\\u{2069}"}, escape{"\xe2\x80\xa8", "\\u{2028}"},
                    escape{"\xe2\x80\xa9", "\\u{2029}"}));

INSTANTIATE_TEST_SUITE_P(NotUtf8, SanitisedCharacter,
                         testing::Values(escape{"\x80", "\\x80"}, escape{"\xff", "\\xff"},
                                         // Longer forms than needed.
                                         escape{"\xc0\xaf", "\\xc0\\xaf"},
                                         escape{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
                                         escape{"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
                                         // A surrogate, and beyond U+10FFFF.
                                         escape{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
                                         escape{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
                                         escape{"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
                                         // Cut short, at the end and before another character.
                                         escape{"\xe2\x82", "\\xe2\\x82"},
                                         escape{"\xe2\x82z", "\\xe2\\x82z"}));

TEST(Sanitise, KeepsTheNeighboursOfBidirectionalControls) {
  const std::string text = "\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa";
  EXPECT_EQ(sanitise(text), text);
}

TEST(Sanitise, CutsAtTheLimitOfInputAndSaysSo) {
  EXPECT_EQ(sanitise("abcdef", 6), "abcdef");
  EXPECT_EQ(sanitise("abcdef", 5), "abcde...");
  EXPECT_EQ(sanitise("\x01\x02\x03", 2), "\\x01\\x02...");
  EXPECT_EQ(sanitise("a", 0), "...");
  EXPECT_EQ(sanitise("", 0), "");
}

TEST(Sanitise, CutsBetweenCharacters) {
  const std::string text = "ab\xe2\x82\xac";
  EXPECT_EQ(sanitise(text, 5), text);
  EXPECT_EQ(sanitise(text, 4), "ab...");
  EXPECT_EQ(sanitise(text, 3), "ab...");
}

TEST(Sanitise, HasADefaultLimit) {
  EXPECT_EQ(sanitise(std::string(max_remote_text, 'a')).size(), max_remote_text);
  EXPECT_EQ(sanitise(std::string(1'000'000, 'a')).size(), max_remote_text + 3);
}

TEST(SanitisedLines, AreSplitAtLineEndsAndPassTabsButNoOtherControl) {
  using lines = std::vector<std::string>;
  EXPECT_EQ(sanitised_lines("one\n\ttwo\x1b[2J\r\n\nthr\ree\r"),
            (lines{"one", "\ttwo\\x1b[2J", "", "thr\\x0dee\\x0d"}));
  EXPECT_EQ(sanitised_lines("one\r\n\r\n"), lines{"one"});
  EXPECT_EQ(sanitised_lines("one\ntwo", 4), (lines{"one", "..."}));
  EXPECT_EQ(sanitised_lines(""), lines{});
}

TEST(HumanOctets, CountsOctetsBelowOneKibibyte) {
  EXPECT_EQ(human_octets(0), "0 B");
  EXPECT_EQ(human_octets(1023), "1023 B");
}

TEST(HumanOctets, ShowsOneDecimalOfTheFittingUnit) {
  EXPECT_EQ(human_octets(1024), "1.0 KiB");
  EXPECT_EQ(human_octets(1536), "1.5 KiB");
  EXPECT_EQ(human_octets(5ULL << 20), "5.0 MiB");
  EXPECT_EQ(human_octets(3ULL << 29), "1.5 GiB");
  EXPECT_EQ(human_octets(7ULL << 40), "7.0 TiB");
}

TEST(HumanOctets, MovesToTheNextUnitRatherThanShow1024) {
  EXPECT_EQ(human_octets((1ULL << 20) - 1), "1.0 MiB");
  EXPECT_EQ(human_octets((1ULL << 30) - 1), "1.0 GiB");
  EXPECT_EQ(human_octets(1023ULL << 10), "1023.0 KiB");
}

TEST(HumanOctets, StopsAtTebibytes) {
  EXPECT_EQ(human_octets(std::numeric_limits<unsigned long long>::max()), "16777216.0 TiB");
}

TEST(TakeLine, GivesLinesWithoutTheirEnds) {
  std::string_view rest = "one\n\ntwo\r\nthree";
  EXPECT_EQ(take_line(rest), "one");
  EXPECT_EQ(take_line(rest), "");
  EXPECT_EQ(take_line(rest), "two\r") << "a carriage return is the reader's matter";
  EXPECT_EQ(take_line(rest), "three");
  EXPECT_TRUE(rest.empty());
}

TEST(TakeLine, GivesNoLineBehindTheLastEnd) {
  std::string_view rest = "one\n";
  EXPECT_EQ(take_line(rest), "one");
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace tunnel
