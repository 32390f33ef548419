#include "udp/client/frame_splitter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tunnel::udp {
namespace {

// A digit says how many octets follow it, behind a mark of one octet: it takes two to tell.
std::size_t marked_size(octet_view beginning) {
  return beginning.size() < 2 ? 0 : 2 + static_cast<std::size_t>(beginning[1] - '0');
}

using splitter = frame_splitter<marked_size>;
using frames = std::vector<std::string>;

frames feed(splitter& cut, std::string_view data) {
  frames found;
  cut.feed(as_octets(data), [&](octet_view frame) {
    found.emplace_back(as_text(frame));
    return true;
  });
  return found;
}

TEST(FrameSplitter, GivesEachFrameOfOnePiece) {
  splitter cut;
  EXPECT_EQ(feed(cut, "#3abc#0#2de"), (frames{"#3abc", "#0", "#2de"}));
  EXPECT_EQ(feed(cut, ""), frames{});
}

TEST(FrameSplitter, PutsFramesTogetherHoweverTheyCome) {
  static constexpr std::string_view stream = "#3abc#0#2de#9fghijklmn";
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    splitter cut;
    frames found;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      const auto now = feed(cut, stream.substr(at, step));
      found.insert(found.end(), now.begin(), now.end());
    }
    EXPECT_EQ(found, (frames{"#3abc", "#0", "#2de", "#9fghijklmn"})) << step;
  }
}

TEST(FrameSplitter, EndsWhereItsUserSays) {
  splitter cut;
  unsigned taken = 0;
  cut.feed(as_octets("#1a#1b#1c"), [&](octet_view) { return ++taken < 2; });
  EXPECT_EQ(taken, 2U);
}

}  // namespace
}  // namespace tunnel::udp
