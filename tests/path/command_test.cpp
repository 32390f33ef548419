#include "path/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "aio/byte_stream.hpp"
#include "path/errors.hpp"
#include "support/event_loop.hpp"

namespace tunnel::path {
namespace {

using testing::HasSubstr;

const command_tokens plain{"host.example", "alias", 2222, "user"};

std::string expanded(std::string_view text, const command_tokens& values = plain) {
  auto made = expand_command(text, values);
  return made ? *made : "refused: " + made.error().message;
}

TEST(ProxyCommandText, HasItsTokensReplaced) {
  EXPECT_EQ(expanded("ssh -W [%h]:%p %n -l %r 100%%"), "ssh -W [host.example]:2222 alias -l user 100%");
}

TEST(ProxyCommandText, KeepsWhatTheUserWroteForTheShell) {
  EXPECT_EQ(expanded("nc $HOST '%p' | tee \"x\""), "nc $HOST '2222' | tee \"x\"");
}

TEST(ProxyCommandText, HasNoOtherTokens) {
  EXPECT_THAT(expanded("nc %x"), HasSubstr("'%x' means nothing here"));
  EXPECT_THAT(expanded("nc %"), HasSubstr("must be doubled"));
}

// CVE-2023-51385, CVE-2025-61984 and what resembles them.
TEST(ProxyCommandText, TakesNoValueThatAShellWouldRead) {
  for (const std::string bad : {"`id`",
                                "$(id)",
                                "$HOME",
                                "a;b",
                                "a|b",
                                "a&b",
                                "a>b",
                                "a<b",
                                "a'b",
                                "a\"b",
                                "a\\b",
                                "a b",
                                "a\nb",
                                "a{b}",
                                "a*",
                                "~root",
                                "#",
                                "!x",
                                "-oProxyCommand=x",
                                "a\x7f"}) {
    EXPECT_THAT(expanded("nc %h", {bad, "alias", 1, "user"}), HasSubstr("must not be given to a shell"))
        << bad;
    EXPECT_THAT(expanded("nc %n", {"host", bad, 1, "user"}), HasSubstr("must not be given to a shell"))
        << bad;
    EXPECT_THAT(expanded("nc %r", {"host", "alias", 1, bad}), HasSubstr("must not be given to a shell"))
        << bad;
  }
}

TEST(ProxyCommandText, MindsOnlyValuesThatAreUsed) {
  EXPECT_EQ(expanded("nc %h", {"host", "alias", 1, "$user"}), "nc host");
  EXPECT_EQ(expanded("nc %h", {"fe80::1%eth0", "alias", 1, "user"}), "nc fe80::1%eth0");
}

class ProxyCommandStream : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }

  std::unique_ptr<aio::byte_stream> run(const std::string& text) {
    command way(text);
    support::started dialling(context_, way.dial({"host", 22}, false));
    auto stream = std::move(dialling.wait());
    EXPECT_TRUE(stream) << stream.error().message;
    return stream ? std::move(*stream) : nullptr;
  }

  // All that comes until the end.
  std::string read_all(aio::byte_stream& stream) {
    std::string all;
    bool ended = false;
    EXPECT_TRUE(support::run_until(context_, [&] {
      octets space(1024);
      const auto count = stream.read_some(space);
      if (!count) return count.error() != asio::error::would_block;
      all += as_text(octet_view(space).first(*count));
      ended = *count == 0;
      return ended;
    }));
    EXPECT_TRUE(ended);
    return all;
  }

  asio::io_context context_;
};

TEST_F(ProxyCommandStream, IsWhatTheCommandReadsAndPrints) {
  const auto stream = run("head -c 5");
  EXPECT_THAT(stream->peer(), HasSubstr("host port 22"));
  EXPECT_EQ(stream->write_some(as_octets("hello")).value(), 5U);
  EXPECT_EQ(read_all(*stream), "hello");
}

TEST_F(ProxyCommandStream, TellsWhenThereIsSomethingToRead) {
  const auto stream = run("printf x");
  bool readable = false;
  stream->async_wait(aio::direction::read, [&](boost::system::error_code failure) { readable = !failure; });
  EXPECT_TRUE(support::run_until(context_, [&] { return readable; }));
  EXPECT_EQ(read_all(*stream), "x");
}

TEST_F(ProxyCommandStream, EndsWaitsWhenClosed) {
  const auto stream = run("sleep 60");
  boost::system::error_code ended;
  stream->async_wait(aio::direction::read, [&](boost::system::error_code failure) { ended = failure; });
  stream->close();
  EXPECT_TRUE(support::run_until(context_, [&] { return ended == asio::error::operation_aborted; }));
  EXPECT_FALSE(stream->write_some(as_octets("x")));
}

TEST_F(ProxyCommandStream, HasNoDescriptorsOfThisProgram) {
  const auto listing = run("ls /proc/self/fd");
  // Standard input, output and error, and that which ls reads the directory by.
  EXPECT_EQ(read_all(*listing), "0\n1\n2\n3\n");
}

}  // namespace
}  // namespace tunnel::path
