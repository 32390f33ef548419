#include "ssh/agent_client.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "config/fingerprint.hpp"
#include "key_tools.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/key_file.hpp"
#include "ssh/keys/signature.hpp"
#include "support/event_loop.hpp"
#include "support/temporary_folder.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh {
namespace {

using namespace std::chrono_literals;
using support::started;

agent_client connected(asio::io_context& context, const std::string& path,
                       std::chrono::steady_clock::duration limit = agent_client::patience) {
  auto client = std::move(started(context, agent_client::connect(path, limit)).wait());
  if (!client) throw std::runtime_error(client.error().message);
  return std::move(*client);
}

// --- OpenSSH's agent ---------------------------------------------------------------------------------------

/// ssh-agent at a socket of its own; ended with this object.
class real_agent {
 public:
  explicit real_agent(std::string path) : path_(std::move(path)) {
    std::string program = "ssh-agent";
    std::string foreground = "-D";
    std::string at = "-a";
    std::string socket = path_;
    std::array<char*, 5> arguments{program.data(), foreground.data(), at.data(), socket.data(), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const int failure =
        ::posix_spawnp(&process_, program.c_str(), &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (failure != 0) throw std::runtime_error("no ssh-agent");
  }
  real_agent(const real_agent&) = delete;
  real_agent& operator=(const real_agent&) = delete;
  ~real_agent() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }

  void do_with_keys(const std::vector<std::string>& arguments) const {
    std::vector<std::string> whole{"env", "SSH_AUTH_SOCK=" + path_, "ssh-add"};
    whole.insert(whole.end(), arguments.begin(), arguments.end());
    keys::run(whole);
  }

 private:
  std::string path_;
  pid_t process_ = -1;
};

class AgentClient : public testing::Test {
 protected:
  AgentClient() {
    // It listens once it can be connected to.
    const bool listens = support::run_until(
        context_, [&] { return started(context_, agent_client::connect(path_)).wait().has_value(); });
    if (!listens) throw std::runtime_error("ssh-agent does not listen");
  }

  std::string add(const std::string& name, const std::vector<std::string>& type) {
    auto key = keys::make_key(folder_.path(name), type);
    agent_.do_with_keys({"-q", key});
    return key;
  }

  asio::io_context context_;
  support::temporary_folder folder_;
  std::string path_ = folder_.path("agent");
  real_agent agent_{path_};
};

TEST_F(AgentClient, ListsNothingWhenTheAgentHasNothing) {
  auto client = connected(context_, path_);
  const auto listed = started(context_, client.identities()).wait();
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_TRUE(listed->empty());
}

TEST_F(AgentClient, ListsKeysInTheAgentsOrder) {
  const auto first = add("first", {"-t", "ed25519"});
  const auto second = add("second", {"-t", "ecdsa"});
  auto client = connected(context_, path_);
  // More than once on the same connection.
  for (int i = 0; i < 2; ++i) {
    const auto listed = started(context_, client.identities()).wait();
    ASSERT_TRUE(listed) << listed.error().message;
    ASSERT_EQ(listed->size(), 2U);
    EXPECT_EQ((*listed)[0].public_blob, keys::public_half(first));
    EXPECT_EQ((*listed)[0].comment, "a comment");
    EXPECT_EQ((*listed)[1].public_blob, keys::public_half(second));
  }
}

TEST_F(AgentClient, HasItSignByEachKindOfKey) {
  struct row {
    std::string algorithm;
    std::vector<std::string> type;
  };
  const octets data(1000, 0x5a);
  auto client = connected(context_, path_);
  for (const auto& [algorithm, type] :
       {row{"ssh-ed25519", {"-t", "ed25519"}}, row{"ecdsa-sha2-nistp521", {"-t", "ecdsa", "-b", "521"}},
        row{"rsa-sha2-256", {"-t", "rsa", "-b", "2048"}}, row{"rsa-sha2-512", {"-t", "rsa", "-b", "2048"}}}) {
    const auto blob = keys::public_half(add(algorithm, type));
    auto signing = client.sign(blob, data, keys::agent_flags(algorithm));
    const auto signature = started(context_, std::move(signing)).wait();
    ASSERT_TRUE(signature) << signature.error().message;
    const auto verified = keys::verify_signature(algorithm, blob, data, *signature);
    EXPECT_TRUE(verified) << algorithm << ": " << verified.error().message;
  }
}

TEST_F(AgentClient, GivesTheAgentKeysOfEachKind) {
  for (const auto& type : std::vector<std::vector<std::string>>{
           {"-t", "ed25519"}, {"-t", "ecdsa", "-b", "256"}, {"-t", "ecdsa", "-b", "521"}, {"-t", "rsa"}}) {
    const auto path = keys::make_key(folder_.path(type[1] + type.back()), type);
    const auto key = keys::decode_private_key(support::content_of(path), secret());
    ASSERT_TRUE(key) << key.error().message;
    auto client = connected(context_, path_);
    auto adding = client.add(*key, "mine", {});
    const auto added = started(context_, std::move(adding)).wait();
    ASSERT_TRUE(added) << added.error().message;
    const auto listed = started(context_, client.identities()).wait();
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->back().public_blob, keys::public_half(path));
    EXPECT_EQ(listed->back().comment, "mine");
    // It is whole.
    auto signing = client.sign(key->public_blob(), octets(10), keys::agent_flags("rsa-sha2-512"));
    EXPECT_TRUE(started(context_, std::move(signing)).wait());
  }
}

TEST_F(AgentClient, SaysHowLongAKeyIsToStay) {
  const auto path = keys::make_key(folder_.path("key"), {"-t", "ed25519"});
  const auto key = keys::decode_private_key(support::content_of(path), secret()).value();
  auto client = connected(context_, path_);
  auto adding = client.add(key, "mine", {.lifetime = std::chrono::seconds(2), .confirm = true});
  ASSERT_TRUE(started(context_, std::move(adding)).wait());
  const auto is_gone = [&] {
    const auto listed = started(context_, client.identities()).wait();
    return listed && listed->empty();
  };
  EXPECT_FALSE(is_gone());
  EXPECT_TRUE(support::run_until(context_, is_gone));
}

TEST_F(AgentClient, SaysWhenTheAgentRefuses) {
  const auto blob = keys::public_half(keys::make_key(folder_.path("unknown"), {"-t", "ed25519"}));
  auto client = connected(context_, path_);
  const auto signature = started(context_, client.sign(blob, {}, 0)).wait();
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code, keys::errc::unsupported);
  EXPECT_EQ(signature.error().message, "the agent refused to sign with it");
  // The connection is still of use.
  EXPECT_TRUE(started(context_, client.identities()).wait());
}

// --- an agent of the test's own
// ------------------------------------------------------------------------------

class HostileAgent : public testing::Test {
 protected:
  using stream = asio::local::stream_protocol;

  // The client is connected, and `peer_` is the agent's end.
  agent_client client(std::chrono::steady_clock::duration limit = support::patience) {
    auto made = connected(context_, path_, limit);
    acceptor_.accept(peer_);
    return made;
  }

  void answer(octet_view data) { asio::write(peer_, asio::buffer(data.data(), data.size())); }

  void answer_message(octet_view message) {
    octets framed;
    wire::writer(framed).string(message);
    answer(framed);
  }

  error listing_fails(agent_client& by) {
    const auto listed = started(context_, by.identities()).wait();
    return listed ? error{} : listed.error();
  }

  error signing_fails(agent_client& by) {
    const auto signature = started(context_, by.sign({1}, {2}, 0)).wait();
    return signature ? error{} : signature.error();
  }

  asio::io_context context_;
  support::temporary_folder folder_;
  std::string path_ = folder_.path("agent");
  stream::acceptor acceptor_{context_, stream::endpoint(path_)};
  stream::socket peer_{context_};
};

TEST_F(HostileAgent, MaySplitItsAnswerAnywhere) {
  auto by = client();
  auto listing = started(context_, by.identities());
  octets message;
  wire::writer(message).byte(12).uint32(1).text("blob").text("comment");
  octets framed;
  wire::writer(framed).string(message);
  for (const octet& each : framed) {
    support::run_ready(context_);
    EXPECT_FALSE(listing.done());
    answer(octet_view(&each, 1));
  }
  const auto& listed = listing.wait();
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->at(0).comment, "comment");
  octets asked(5);
  asio::read(peer_, asio::buffer(asked));
  EXPECT_EQ(asked, keys::encode_request_identities());
}

TEST_F(HostileAgent, IsNotUnderstoodWhenItsFrameIsEmptyOrTooLong) {
  for (const octets& field : {octets{0, 0, 0, 0}, octets{0, 4, 0, 1}, octets{0xff, 0xff, 0xff, 0xff}}) {
    auto by = client();
    answer(field);
    EXPECT_EQ(listing_fails(by).code, keys::errc::malformed);
    peer_.close();
  }
}

TEST_F(HostileAgent, IsNotUnderstoodWhenItAnswersSomethingElse) {
  for (const octets& message :
       {octets{6}, octets{14, 0, 0, 0, 0}, octets{12, 0xff, 0xff, 0xff, 0xff}, octets{12},
        octets{12, 0, 0, 0, 1}, octets{12, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff}, octets{12, 0, 0, 0, 0, 0}}) {
    auto by = client();
    answer_message(message);
    EXPECT_EQ(listing_fails(by).code, keys::errc::malformed);
    peer_.close();
  }
  for (const octets& message : {octets{6}, octets{12, 0, 0, 0, 0}, octets{14}, octets{14, 0, 0, 0, 9, 1}}) {
    auto by = client();
    answer_message(message);
    EXPECT_EQ(signing_fails(by).code, keys::errc::malformed);
    peer_.close();
  }
}

TEST_F(HostileAgent, MayCloseEarly) {
  for (const octets& before : {octets{}, octets{0, 0}, octets{0, 0, 0, 9}, octets{0, 0, 0, 9, 12, 0}}) {
    auto by = client();
    answer(before);
    // Only its own direction: the client's request is still taken.
    peer_.shutdown(stream::socket::shutdown_send);
    const auto failure = listing_fails(by);
    EXPECT_EQ(failure.code, asio::error::make_error_code(asio::error::eof));
    EXPECT_TRUE(failure.message.starts_with("no answer from the agent: ")) << failure.message;
    EXPECT_EQ(signing_fails(by).code, boost::system::errc::not_connected);
    peer_.close();
  }
}

TEST_F(HostileAgent, MayBeGoneBeforeItIsAsked) {
  auto by = client();
  peer_.close();
  EXPECT_TRUE(listing_fails(by).code.failed());
  EXPECT_TRUE(signing_fails(by).code.failed());
}

TEST_F(HostileAgent, IsNotWaitedForWhenItNeverLists) {
  auto by = client(20ms);
  const auto failure = listing_fails(by);
  EXPECT_EQ(failure.code, boost::system::errc::timed_out);
  EXPECT_EQ(failure.message, "the agent does not answer");
  // An answer that comes too late is not taken for the next one's.
  answer_message(octets{12, 0, 0, 0, 0});
  EXPECT_EQ(listing_fails(by).code, boost::system::errc::not_connected);
}

TEST_F(HostileAgent, IsNotWaitedForWhenItListsHalf) {
  auto by = client(20ms);
  answer(octets{0, 0, 1, 0, 12});
  EXPECT_EQ(listing_fails(by).code, boost::system::errc::timed_out);
}

TEST_F(HostileAgent, HasAllTheTimeToSign) {
  auto by = client(1ms);
  auto signing = started(context_, by.sign({1}, {2}, 0));
  // Longer than the limit that there is for listing.
  asio::steady_timer timer(context_, 50ms);
  bool past = false;
  timer.async_wait([&](error_code) { past = true; });
  ASSERT_TRUE(support::run_until(context_, [&] { return past; }));
  ASSERT_FALSE(signing.done());
  octets message;
  wire::writer(message).byte(14).text("signature");
  answer_message(message);
  const auto& signature = signing.wait();
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(as_text(*signature), "signature");
}

// What is logged while it lives.
class log_listener {
 public:
  log_listener() {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  log_listener(const log_listener&) = delete;
  log_listener& operator=(const log_listener&) = delete;
  ~log_listener() { spdlog::set_default_logger(before_); }

  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST_F(HostileAgent, HasItsUserToldToTouchASecurityKey) {
  for (const std::string type : {"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
                                 "sk-ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"}) {
    const log_listener log;
    auto by = client();
    octets blob;
    wire::writer(blob).text(type).text("what else it has");
    auto signing = started(context_, by.sign(blob, {2}, 0));
    support::run_ready(context_);
    // Before it is touched, since nobody would know otherwise what is waited for.
    EXPECT_FALSE(signing.done());
    const bool told =
        log.text().find("touch the security key " + config::fingerprint(blob)) != std::string::npos;
    EXPECT_EQ(told, type.starts_with("sk-")) << type;
    octets message;
    wire::writer(message).byte(14).text("signature");
    answer_message(message);
    EXPECT_TRUE(signing.wait());
    peer_.close();
  }
}

TEST_F(HostileAgent, NeedNotSignWhenThatIsCancelled) {
  auto by = client();
  auto signing = started(context_, by.sign({1}, {2}, 0));
  support::run_ready(context_);
  EXPECT_FALSE(signing.done());
  signing.cancel();
  // Either way that Asio has of saying it.
  try {
    const auto& signature = signing.wait();
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().code, asio::error::make_error_code(asio::error::operation_aborted));
  } catch (const boost::system::system_error& cancelled) {
    EXPECT_EQ(cancelled.code(), asio::error::make_error_code(asio::error::operation_aborted));
  }
}

TEST_F(HostileAgent, MayNotBeThere) {
  const auto fails = [&](const std::string& path) {
    const auto client = std::move(started(context_, agent_client::connect(path)).wait());
    EXPECT_FALSE(client) << path;
    return client ? error{} : client.error();
  };
  const auto missing = fails(folder_.path("missing"));
  EXPECT_EQ(missing.code, boost::system::errc::no_such_file_or_directory);
  EXPECT_TRUE(missing.message.starts_with("cannot reach an agent at " + folder_.path("missing") + ": "));
  acceptor_.close();
  EXPECT_EQ(fails(path_).code, boost::system::errc::connection_refused);
  EXPECT_EQ(fails(folder_.path(std::string(200, 'x'))).code, boost::system::errc::filename_too_long);
}

TEST_F(HostileAgent, MayHaveAFullQueue) {
  stream::acceptor narrow(context_);
  const auto path = folder_.path("narrow");
  narrow.open();
  narrow.bind(stream::endpoint(path));
  narrow.listen(0);
  std::vector<agent_client> waiting;
  for (int i = 0; i < 10; ++i) {
    auto client = std::move(started(context_, agent_client::connect(path)).wait());
    if (client) {
      waiting.push_back(std::move(*client));
      continue;
    }
    // At once, and not when somebody accepts.
    EXPECT_EQ(client.error().code, boost::system::errc::resource_unavailable_try_again);
    return;
  }
  FAIL() << "the queue took all";
}

}  // namespace
}  // namespace tunnel::ssh
