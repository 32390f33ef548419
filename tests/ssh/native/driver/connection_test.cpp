#include "ssh/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "messages.hpp"
#include "peer_stream.hpp"
#include "repeatable.hpp"
#include "ssh/errors.hpp"
#include "ssh/native/core/message.hpp"
#include "ssh/native/engine.hpp"
#include "support/event_loop.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using testing::HasSubstr;

constexpr std::chrono::minutes limit{1};

class trusting final : public host_key_verifier {
 public:
  result<void> verify(const host_key& /*key*/) override { return boost::system::in_place_value; }
  [[nodiscard]] std::vector<std::string> known_types() const override { return {}; }
  std::optional<std::vector<octets>> unproved(std::span<const octets> offered) override {
    ++offers;
    if (indifferent) return std::nullopt;
    return std::vector<octets>(offered.begin() + 1, offered.end());
  }
  void update(std::span<const octets> offered) override { learned.assign(offered.begin(), offered.end()); }

  bool indifferent = false;
  unsigned offers = 0;
  std::vector<octets> learned;
};

class nobody final : public authenticator {
 public:
  awaitable<result<void>> authenticate(ssh::userauth& methods) override {
    const auto answer = co_await methods.none();
    if (!answer) co_return answer.error();
    co_return boost::system::in_place_value;
  }
};

class watcher final : public connection_observer {
 public:
  void on_lost(const error& why) override { lost = why; }
  void on_open_settled() override {}

  std::optional<error> lost;
};

class reader final : public channel_handler {
 public:
  bool on_data(std::span<const octet_view> pieces) override {
    for (const auto& piece : pieces) came += as_text(piece);
    return !full;
  }
  void on_eof() override { came += "<eof>"; }
  void on_writable() override {}
  void on_closed(const error* lost) override { came += lost == nullptr ? "<closed>" : "<lost>"; }

  std::string came;
  bool full = false;
};

/// The engine's driver with a server of our own at the other end of its stream.
class NativeConnection : public testing::Test {
 protected:
  NativeConnection() {
    far_->server.set_script(support::grant_everything);
    auto made = connect({});
    if (!made) throw std::runtime_error(made.error().message);
    connection_ = *made;
    connection_->observe(&watcher_);
  }

  result<std::shared_ptr<ssh::connection>> connect(engine::options how) {
    nobody methods;
    how.software = "Client";
    engine subject(std::move(how));
    auto stream = std::make_unique<support::peer_stream>(context_.get_executor(), far_);
    tunnel::support::started connecting(context_,
                                        subject.connect(std::move(stream), "user", limit, keys_, methods));
    return std::move(connecting.wait());
  }

  ~NativeConnection() override { connection_->close(); }

  std::unique_ptr<ssh::channel> open() {
    tunnel::support::started opening(
        context_, connection_->open_direct_tcpip({"target.example", 80}, {"127.0.0.1", 50000}, limit));
    auto opened = std::move(opening.wait());
    return opened ? std::move(*opened) : nullptr;
  }

  /// The client reads it with what else is ready.
  void say(octet_view payload) {
    far_->server.send(payload);
    far_->wake(context_.get_executor());
  }
  void run() { tunnel::support::run_ready(context_); }

  asio::io_context context_;
  std::shared_ptr<support::peer_line> far_ = std::make_shared<support::peer_line>();
  watcher watcher_;
  trusting keys_;
  std::shared_ptr<ssh::connection> connection_;
};

// RFC 4254 section 5.2: a channel is a stream. What came while its reader was full goes before what comes.
TEST_F(NativeConnection, DeliversInOrderWhatComesBetweenResumingAndDelivery) {
  reader to;
  const auto channel = open();
  ASSERT_NE(channel, nullptr);
  channel->attach(to);
  run();
  to.full = true;
  say(support::channel_data(0, as_octets("one ")));
  run();
  say(support::channel_data(0, as_octets("two ")));
  run();
  ASSERT_EQ(to.came, "one ");

  to.full = false;
  say(support::channel_data(0, as_octets("three ")));
  channel->resume();
  run();
  EXPECT_EQ(to.came, "one two three ");
}

TEST_F(NativeConnection, DeliversInOrderWhatComesBetweenAttachingAndDelivery) {
  reader to;
  const auto channel = open();
  ASSERT_NE(channel, nullptr);
  say(support::channel_data(0, as_octets("one ")));
  run();
  say(support::channel_data(0, as_octets("two ")));
  say(support::channel_eof(0));
  channel->attach(to);
  run();
  EXPECT_EQ(to.came, "one two <eof>");
}

// As libcrypto does, and operator new: only this connection may end.
TEST_F(NativeConnection, EndsAsLostWhenReadingThrows) {
  reader to;
  const auto channel = open();
  channel->attach(to);
  run();
  far_->fault = [] { throw std::runtime_error("libcrypto could not encrypt or decrypt"); };
  say(support::channel_data(0, as_octets("data")));
  EXPECT_NO_THROW(run());
  ASSERT_TRUE(watcher_.lost);
  EXPECT_EQ(watcher_.lost->code, ssh::errc::connection_lost);
  EXPECT_THAT(watcher_.lost->message, HasSubstr("libcrypto could not"));
  EXPECT_EQ(to.came, "<lost>");
  EXPECT_TRUE(far_->closed);
}

TEST_F(NativeConnection, EndsAsLostWhenWritingThrows) {
  reader to;
  const auto channel = open();
  channel->attach(to);
  run();
  far_->fault = [] { throw std::bad_alloc(); };
  channel->send_eof();
  EXPECT_NO_THROW(run());
  ASSERT_TRUE(watcher_.lost);
  EXPECT_EQ(to.came, "<lost>");
}

TEST_F(NativeConnection, IsNotMadeWithAServerThatLeavesAuthenticationWithoutAnswer) {
  far_ = std::make_shared<support::peer_line>();
  engine::options hasty;
  hasty.authentication_patience = std::chrono::milliseconds(20);
  const auto made = connect(hasty);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ssh::errc::connection_lost);
  EXPECT_THAT(made.error().message, HasSubstr("does not answer"));
  EXPECT_TRUE(far_->closed);
}

TEST_F(NativeConnection, AbandonsAnOpenThatIsCancelled) {
  far_->server.set_script(nullptr);
  tunnel::support::started opening(
      context_, connection_->open_direct_tcpip({"target.example", 80}, {"127.0.0.1", 50000}, limit));
  run();
  ASSERT_EQ(far_->server.count(message::channel_open), 1U);
  opening.cancel();
  const auto& outcome = opening.wait();
  EXPECT_FALSE(outcome);

  say(support::channel_open_confirmation(0, 7));
  run();
  EXPECT_EQ(far_->server.count(message::channel_close), 1U) << "a late confirmation is answered so";
  EXPECT_FALSE(watcher_.lost);
}

TEST_F(NativeConnection, ExchangesKeysWithoutDisturbingAChannel) {
  reader to;
  const auto channel = open();
  channel->attach(to);
  run();
  for (int round = 0; round < 3; ++round) {
    far_->server.send_kexinit();
    far_->wake(context_.get_executor());
    run();
    say(support::channel_data(0, as_octets("data ")));
    run();
  }
  EXPECT_EQ(far_->server.exchanges(), 4U);
  EXPECT_EQ(to.came, "data data data ");
  EXPECT_FALSE(far_->server.client_fault()) << *far_->server.client_fault();
}

// Sends all it may, one packet at a time.
class writer final : public channel_handler {
 public:
  explicit writer(std::string name, std::vector<std::string>& turns)
      : name_(std::move(name)), turns_(turns) {}

  bool on_data(std::span<const octet_view> /*pieces*/) override { return true; }
  void on_eof() override {}
  void on_writable() override { turns_.push_back(name_); }
  void on_closed(const error* /*lost*/) override {}

 private:
  std::string name_;
  std::vector<std::string>& turns_;
};

TEST_F(NativeConnection, LetsAnExpeditedChannelGoFirst) {
  std::vector<std::string> turns;
  writer bulk("bulk", turns);
  writer other("other", turns);
  writer urgent("urgent", turns);
  const auto first = open();
  const auto second = open();
  const auto third = open();
  first->attach(bulk);
  second->attach(other);
  third->attach(urgent);
  third->expedite();
  run();

  // Nothing is sent before the loop runs.
  while (!first->prepare().empty()) first->commit(first->prepare().front().size());
  EXPECT_TRUE(second->prepare().empty());
  EXPECT_FALSE(third->prepare().empty()) << "it may send beyond what bulk may";
  while (!third->prepare().empty()) third->commit(third->prepare().front().size());
  run();
  EXPECT_THAT(turns, testing::ElementsAre("urgent", "bulk", "other"));
}

// --- further host keys (OpenSSH's PROTOCOL, section 2.5) ---------------------------------------------------

class HostKeysOfAServer : public NativeConnection {
 protected:
  // The request for a proof is the test's to answer, and before all that comes behind it (RFC 4254 section
  // 4).
  HostKeysOfAServer() {
    run();
    // Signs of life that it was asked for so far.
    for (auto left = far_->server.count(message::global_request); left != 0; --left)
      far_->server.send(support::request_success());
    far_->server.set_script([this](support::peer& server, octet_view payload) {
      if (payload.front() != message::global_request) return support::grant_everything(server, payload);
      if (held_ != 0 || is_for_proof(payload))
        ++held_;
      else
        server.send(support::request_success());
    });
  }

  static bool is_for_proof(octet_view payload) {
    return as_text(payload).find("hostkeys-prove-00@openssh.com") != std::string_view::npos;
  }

  // All that it says it has.
  void offer() {
    octets rest;
    for (const auto& each : offered_) wire::writer(rest).string(each);
    say(support::global_request("hostkeys-00@openssh.com", false, rest));
    run();
  }
  octets proof(octet seed) const {
    octets data;
    wire::writer(data)
        .text("hostkeys-prove-00@openssh.com")
        .string(far_->server.session_identifier())
        .string(offered_[1]);
    octets answer;
    wire::writer(answer).string(support::repeatable_key(seed)->sign("ssh-ed25519", data).value());
    return answer;
  }
  [[nodiscard]] bool asked_for_proof() const {
    return std::ranges::any_of(far_->server.messages(),
                               [](const auto& each) { return is_for_proof(each.payload); });
  }
  void answer(octet_view payload) {
    far_->server.send(payload);
    for (; held_ > 1; --held_) far_->server.send(support::request_success());
    held_ = 0;
    far_->wake(context_.get_executor());
    run();
  }

  unsigned held_ = 0;
  const std::vector<octets> offered_ = {support::repeatable_key(1)->public_blob(),
                                        support::repeatable_key(2)->public_blob()};
};

TEST_F(HostKeysOfAServer, AreLearnedWhenTheyAreProved) {
  offer();
  ASSERT_TRUE(asked_for_proof());
  EXPECT_TRUE(keys_.learned.empty());
  answer(support::request_success(proof(2)));
  EXPECT_EQ(keys_.learned, offered_);
}

TEST_F(HostKeysOfAServer, ChangeNothingWhenTheProofIsFalse) {
  offer();
  answer(support::request_success(proof(1)));
  EXPECT_TRUE(keys_.learned.empty());
  offer();
  answer(support::request_success());
  EXPECT_TRUE(keys_.learned.empty());
  offer();
  answer(support::request_failure());
  EXPECT_TRUE(keys_.learned.empty());
  // The connection has nothing to do with it.
  EXPECT_NE(open(), nullptr);
  EXPECT_EQ(keys_.offers, 3U);
}

TEST_F(HostKeysOfAServer, AreNotAskedForWhenNobodyWantsThem) {
  keys_.indifferent = true;
  offer();
  EXPECT_FALSE(asked_for_proof());
  EXPECT_TRUE(keys_.learned.empty());
}

TEST_F(HostKeysOfAServer, AreAskedForOnceAtATime) {
  offer();
  far_->server.forget_messages();
  offer();
  EXPECT_FALSE(asked_for_proof());
  EXPECT_EQ(keys_.offers, 1U);
}

}  // namespace
}  // namespace tunnel::ssh::native
