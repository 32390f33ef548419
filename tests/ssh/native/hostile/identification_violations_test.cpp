// RFC 4253 section 4.2: what a server may say before and as its identification string.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"

namespace tunnel::ssh::native {
namespace {

using support::session;

// A session whose server said this first, and nothing by itself.
struct greeted : session {
  explicit greeted(std::string_view said) {
    server.hold(support::peer::stage::identification);
    server.raw(as_octets(said));
    pump();
  }
};

std::string repeated(std::string_view text, std::size_t count) {
  std::string whole;
  for (std::size_t i = 0; i < count; ++i) whole += text;
  return whole;
}

TEST(Identification, OfAnotherKindEndsTheConnection) {
  struct row {
    std::string_view what;
    std::string said;
  };
  const std::vector<row> table{
      {"version 1", "SSH-1.5-Old\r\n"},
      {"version 1.9", "SSH-1.9-Odd\r\n"},
      {"version 3", "SSH-3.0-New\r\n"},
      {"version 2.1", "SSH-2.1-New\r\n"},
      {"version 20", "SSH-20-New\r\n"},
      {"no version", "SSH-\r\n"},
      {"no software", "SSH-2.0\r\n"},
      {"no dash after the version", "SSH-2.0Odd\r\n"},
      {"254 octets and CR LF", "SSH-2.0-" + std::string(246, 'x') + "\r\n"},
      {"8,192 octets", "SSH-2.0-" + std::string(8184, 'x') + "\r\n"},
      {"a NUL at its end", std::string("SSH-2.0-Peer\0\r\n", 15)},
      {"a NUL in its midst", std::string("SSH-2.0-Pe\0er\r\n", 15)},
      {"a line before it that is too long", std::string(8193, 'x') + "\r\nSSH-2.0-Peer\r\n"},
      {"a line that never ends", std::string(9000, 'x')},
      {"an identification string that never ends", "SSH-2.0-" + std::string(9000, 'x')},
      {"too many lines before it", repeated("\r\n", 1024) + "SSH-2.0-Peer\r\n"},
      {"too many octets before it", repeated(std::string(1022, 'x') + "\r\n", 64) + "SSH-2.0-Peer\r\n"},
      {"octets of another protocol", std::string("\x16\x03\x01") + repeated("\x01\x02\xff", 3000)}};
  for (const auto& [what, said] : table) {
    SCOPED_TRACE(what);
    greeted both(said);
    expect_disconnect(both, errc::protocol_version_not_supported);
    EXPECT_FALSE(both.user.host_key());
  }
}

TEST(Identification, IsFoundBehindOtherLinesAndWithEitherLineEnding) {
  const std::vector<std::string> table{"SSH-2.0-Peer\r\n",
                                       "SSH-2.0-Peer\n",
                                       "SSH-1.99-Peer\r\n",
                                       "SSH-2.0-\r\n",
                                       "SSH-2.0-Peer with a comment\r\n",
                                       "SSH-2.0-" + std::string(245, 'x') + "\r\n",
                                       "Welcome.\r\nThis is it:\r\nSSH-2.0-Peer\r\n",
                                       "ssh-2.0-lower\r\nSSH-2.0-Peer\r\n",
                                       repeated("\n", 1023) + "SSH-2.0-Peer\r\n",
                                       std::string(8192, 'x') + "\nSSH-2.0-Peer\r\n"};
  for (const auto& said : table) {
    SCOPED_TRACE(said.substr(0, 60));
    greeted both(said);
    expect_peace(both);
    EXPECT_TRUE(both.user.link().server_identification().starts_with("SSH-"));
  }
}

TEST(Identification, OfAServerIsMadeSafeInTheReason) {
  greeted both("SSH-1.5-\x1b[2Jevil\x07\r\n");
  expect_disconnect(both, errc::protocol_version_not_supported);
  for (const char each : both.user.failure()->message) EXPECT_GE(static_cast<unsigned char>(each), 0x20);
}

// H covers it, so that nobody on the way can change it.
TEST(Identification, ThatWasChangedOnItsWayFailsTheKeyExchange) {
  session both;
  both.server.hold(support::peer::stage::identification);
  both.server.send_identification();
  const octets said(both.server.pending().begin(), both.server.pending().end());
  both.server.sent(said.size());
  auto changed = said;
  changed[8] ^= 1;
  both.server.raw(changed);
  both.server.release();
  both.pump();
  expect_disconnect(both, errc::key_exchange_failed, "host key");
}

}  // namespace
}  // namespace tunnel::ssh::native
