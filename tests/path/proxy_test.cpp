#include "path/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "aio/tcp_stream.hpp"
#include "path/errors.hpp"
#include "support/event_loop.hpp"
#include "support/far_end.hpp"
#include "support/scripted_prompter.hpp"

namespace tunnel::path {
namespace {

using testing::HasSubstr;

// Streams whose far ends the test holds, and what was dialled.
class scripted_dialler final : public dialler {
 public:
  explicit scripted_dialler(asio::io_context& context) : context_(context) {}

  awaitable<stream_result> dial(ssh::endpoint target, bool /*may_ask*/) override {
    dialled.push_back(target.text());
    if (refusal) co_return *refusal;
    auto pair = support::connect_pair(context_);
    far_ends.push_back(std::make_unique<support::far_end>(std::move(pair.accepted)));
    co_return std::make_unique<aio::tcp_stream>(std::move(pair.connected));
  }

  std::vector<std::string> dialled;
  std::vector<std::unique_ptr<support::far_end>> far_ends;
  std::optional<error> refusal;

 private:
  asio::io_context& context_;
};

class Proxy : public testing::Test {
 protected:
  proxy& through(proxy_settings at, std::chrono::milliseconds limit = support::patience) {
    auto before = std::make_unique<scripted_dialler>(context_);
    before_ = before.get();
    return proxy_.emplace(std::move(before), std::move(at), true, limit, questions_);
  }

  static proxy_settings settings(const std::string& url) { return *parse_proxy(url); }

  // Waits for `asked` at the end of what the n-th far end has heard, then says `answer`.
  void answer(std::size_t number, const std::string& asked, const std::string& answer) {
    ASSERT_TRUE(support::run_until(context_, [&] {
      return before_->far_ends.size() > number && before_->far_ends[number]->received().ends_with(asked);
    }));
    before_->far_ends[number]->send(answer);
  }

  asio::io_context context_;
  support::scripted_prompter questions_;
  scripted_dialler* before_ = nullptr;
  std::optional<proxy> proxy_;
};

TEST_F(Proxy, GivesTheStreamBehindItsAnswer) {
  auto& way = through(settings("http://proxy.example:3128"));
  support::started dialling(context_, way.dial({"inner", 22}, false));
  answer(0, "\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-first");
  auto& stream = dialling.wait();
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_THAT(before_->dialled, testing::ElementsAre("proxy.example:3128"));
  EXPECT_EQ((*stream)->peer(), "inner port 22 (through the http proxy proxy.example:3128)");
  EXPECT_FALSE((*stream)->remote_address()) << "that is the proxy's";
  octets space(64);
  ASSERT_TRUE(support::run_until(context_, [&] { return before_->far_ends[0]->received().size() > 0; }));
  const auto count = (*stream)->read_some(space);
  ASSERT_TRUE(count);
  EXPECT_EQ(as_text(octet_view(space).first(*count)), "SSH-2.0-first");
}

TEST_F(Proxy, NamesItselfWhenItCannotBeReached) {
  auto& way = through(settings("socks5h://proxy.example"));
  before_->refusal = error{make_error_code(errc::timed_out), "connect to host proxy.example: refused"};
  support::started dialling(context_, way.dial({"inner", 22}, false));
  EXPECT_EQ(dialling.wait().error().message,
            "socks5h proxy proxy.example:1080: connect to host proxy.example: refused");
}

TEST_F(Proxy, ThatSaysNothingIsGivenUp) {
  auto& way = through(settings("socks5h://proxy.example"), std::chrono::milliseconds(20));
  support::started dialling(context_, way.dial({"inner", 22}, false));
  EXPECT_EQ(dialling.wait().error().code, errc::timed_out);
}

TEST_F(Proxy, ThatJustClosesSaysSo) {
  auto& way = through(settings("http://proxy.example"));
  support::started dialling(context_, way.dial({"inner", 22}, false));
  ASSERT_TRUE(support::run_until(context_, [&] { return before_->far_ends.size() == 1; }));
  before_->far_ends[0]->shutdown();
  EXPECT_THAT(dialling.wait().error().message, HasSubstr("closed the connection instead of answering"));
}

TEST_F(Proxy, AsksForAPasswordAgainWhenItWasWrongAndKeepsTheRightOne) {
  support::scripted_prompter asked({"wrong", "right"});
  auto before = std::make_unique<scripted_dialler>(context_);
  before_ = before.get();
  proxy way(std::move(before), settings("http://user@proxy.example"), true, support::patience, asked);
  support::started dialling(context_, way.dial({"inner", 22}, true));
  answer(0, "\r\n\r\n", "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n");
  answer(1, "\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(dialling.wait());
  ASSERT_EQ(asked.asked().size(), 2U);
  EXPECT_EQ(asked.asked()[0].shown, ssh::echo::off);
  EXPECT_THAT(asked.asked()[0].prompt, HasSubstr("user's password for the http proxy proxy.example:80"));

  support::started again(context_, way.dial({"inner", 22}, false));
  answer(2, "\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(again.wait());
  EXPECT_EQ(before_->far_ends[1]->received(), before_->far_ends[2]->received());
}

TEST_F(Proxy, SaysThatNobodyCouldBeAsked) {
  auto& way = through(settings("socks5://user@proxy.example"));
  support::started dialling(context_, way.dial({"inner", 22}, false));
  EXPECT_THAT(dialling.wait().error().message, HasSubstr("--proxy-credentials"));
  EXPECT_TRUE(before_->dialled.empty());
}

TEST_F(Proxy, GetsAddressesOrNamesAsItsSchemeSays) {
  const auto asked = [this](const std::string& url, const ssh::endpoint& target) {
    auto& way = through(settings(url));
    support::started dialling(context_, way.dial(target, false));
    EXPECT_TRUE(support::run_until(context_, [&] {
      return before_->far_ends.size() == 1 && before_->far_ends[0]->received().size() > 8;
    }));
    const auto text = before_->far_ends[0]->received();
    before_->far_ends[0]->close();
    dialling.wait();
    return text;
  };
  const std::string localhost("\x7f\x00\x00\x01", 4);
  EXPECT_THAT(asked("socks4://proxy.example", {"localhost", 22}), HasSubstr(localhost));
  EXPECT_THAT(asked("socks4a://proxy.example", {"localhost", 22}), HasSubstr("localhost"));
  EXPECT_THAT(asked("socks4a://proxy.example", {"127.0.0.1", 22}), HasSubstr(localhost));
}

TEST_F(Proxy, OfSocks4HasNoRoomForIpv6) {
  auto& way = through(settings("socks4a://proxy.example"));
  support::started dialling(context_, way.dial({"::1", 22}, false));
  EXPECT_THAT(dialling.wait().error().message, HasSubstr("no room for the IPv6 address"));
}

}  // namespace
}  // namespace tunnel::path
