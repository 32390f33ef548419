#include "path/tls_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "aio/tcp_stream.hpp"
#include "path/errors.hpp"
#include "support/event_loop.hpp"
#include "support/scripted_prompter.hpp"
#include "support/temporary_folder.hpp"
#include "tls_peer.hpp"

namespace tunnel::path {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TlsStream : public testing::Test {
 protected:
  TlsStream() {
    // Small buffers, so that a peer that does not read is soon felt.
    auto pair = support::connect_pair(context_, true);
    line_.emplace(std::move(pair.accepted));
    carrier_ = std::make_unique<aio::tcp_stream>(std::move(pair.connected));
  }

  // A client that believes the server's certificate.
  tls_stream& client(const std::string& host, tls_settings settings = {}) {
    settings.ca_file = folder_.write("ca", own_.text());
    auto context = tls_context::make(std::move(settings), nobody_);
    EXPECT_TRUE(context) << context.error().message;
    stream_ = std::make_unique<tls_stream>(*context, host, std::move(carrier_));
    peer_.emplace(own_, *line_);
    return *stream_;
  }

  // Runs until that holds, the server working meanwhile.
  bool reached(const std::function<bool()>& condition) {
    return support::run_until(context_, [&] {
      peer_->work();
      return condition();
    });
  }

  result<void> agree(tls_stream& stream) {
    support::started agreeing(context_, stream.handshake());
    EXPECT_TRUE(reached([&] { return agreeing.done(); }));
    return agreeing.wait();
  }

  // All that can be read now.
  std::string read() {
    octets space(1024);
    std::string all;
    for (;;) {
      const auto count = stream_->read_some(space);
      if (!count || *count == 0) return all;
      all += as_text(octet_view(space).first(*count));
    }
  }

  asio::io_context context_;
  support::scripted_prompter nobody_;
  support::temporary_folder folder_;
  test::own_certificate own_{"ssh.example"};
  std::optional<support::far_end> line_;
  std::unique_ptr<aio::byte_stream> carrier_;
  std::optional<test::tls_peer> peer_;
  std::unique_ptr<tls_stream> stream_;
};

TEST_F(TlsStream, OffersTheProtocolsThatItIsTold) {
  auto& stream = client("ssh.example", {.protocols = {"ssh", "h2"}});
  ASSERT_TRUE(agree(stream));
  EXPECT_EQ(peer_->offered_protocols(), "\x03ssh\x02h2");
}

TEST_F(TlsStream, OffersNoProtocolUntold) {
  auto& stream = client("ssh.example");
  ASSERT_TRUE(agree(stream));
  EXPECT_EQ(peer_->offered_protocols(), "");
}

TEST_F(TlsStream, CarriesOctetsBothWays) {
  auto& stream = client("ssh.example");
  ASSERT_TRUE(agree(stream));
  EXPECT_EQ(peer_->server_name(), "ssh.example");
  EXPECT_EQ(stream.write_some(as_octets("hello")).value(), 5U);
  EXPECT_TRUE(reached([this] { return peer_->received() == "hello"; }));
  peer_->send("good day");
  std::string answer;
  EXPECT_TRUE(reached([&] { return (answer += read()) == "good day"; }));
}

TEST_F(TlsStream, RefusesACertificateForAnotherName) {
  const auto agreed = agree(client("other.example"));
  ASSERT_FALSE(agreed);
  EXPECT_EQ(agreed.error().code, errc::certificate_refused);
  EXPECT_THAT(agreed.error().message, HasSubstr("is not for other.example but for ssh.example"));
}

TEST_F(TlsStream, RefusesACertificateWithoutTheAddress) {
  const auto agreed = agree(client("192.0.2.1"));
  ASSERT_FALSE(agreed);
  EXPECT_EQ(agreed.error().code, errc::certificate_refused);
}

TEST_F(TlsStream, RefusesACertificateOfNobodyItKnows) {
  auto context = tls_context::make({}, nobody_);
  ASSERT_TRUE(context);
  stream_ = std::make_unique<tls_stream>(*context, "ssh.example", std::move(carrier_));
  peer_.emplace(own_, *line_);
  const auto agreed = agree(*stream_);
  ASSERT_FALSE(agreed);
  EXPECT_THAT(agreed.error().message, AllOf(HasSubstr("is not to be believed"), HasSubstr("--tls-ca")));
}

TEST_F(TlsStream, RecognisesWhatIsNoTls) {
  auto& stream = client("ssh.example");
  line_->send("SSH-2.0-OpenSSH_9.2\r\n");
  support::started agreeing(context_, stream.handshake());
  EXPECT_THAT(agreeing.wait().error().message, HasSubstr("does not speak TLS"));
}

TEST_F(TlsStream, EndsInAnOrderlyWay) {
  auto& stream = client("ssh.example");
  ASSERT_TRUE(agree(stream));
  peer_->send("last");
  peer_->end();
  std::string all;
  EXPECT_TRUE(reached([&] { return (all += read()) == "last"; }));
  octets space(1);
  EXPECT_EQ(stream.read_some(space).value(), 0U);
}

TEST_F(TlsStream, WaitsForAPeerThatDoesNotReadAndLosesNothing) {
  auto& stream = client("ssh.example");
  ASSERT_TRUE(agree(stream));
  std::string sent;
  for (std::size_t i = 0; sent.size() < std::size_t{64} << 20U; ++i) {
    const std::string piece(30'000, static_cast<char>('a' + i % 26));
    const auto count = stream.write_some(as_octets(piece));
    if (!count) {
      EXPECT_EQ(count.error(), asio::error::would_block);
      break;
    }
    sent.append(piece, 0, *count);
  }
  ASSERT_LT(sent.size(), std::size_t{64} << 20U);
  bool writable = false;
  stream.async_wait(aio::direction::write, [&](boost::system::error_code failure) { writable = !failure; });
  EXPECT_TRUE(reached([&] { return writable; }));
  // What is left goes by itself, without another write.
  EXPECT_TRUE(reached([&] { return peer_->received().size() == sent.size(); }));
  EXPECT_EQ(peer_->received(), sent);
}

TEST_F(TlsStream, TellsOfOctetsThatItHoldsAlready) {
  auto& stream = client("ssh.example");
  ASSERT_TRUE(agree(stream));
  peer_->send("two octets");
  octets space(3);
  ASSERT_TRUE(reached([&] { return static_cast<bool>(stream.read_some(space)); }));
  bool readable = false;
  stream.async_wait(aio::direction::read, [&](boost::system::error_code failure) { readable = !failure; });
  EXPECT_TRUE(reached([&] { return readable; }));
  EXPECT_EQ(read(), " octets");
}

TEST_F(TlsStream, EndsWaitsWhenClosed) {
  auto& stream = client("ssh.example");
  ASSERT_TRUE(agree(stream));
  boost::system::error_code ended;
  stream.async_wait(aio::direction::read, [&](boost::system::error_code failure) { ended = failure; });
  stream.close();
  EXPECT_TRUE(reached([&] { return ended == asio::error::operation_aborted; }));
  octets space(1);
  EXPECT_FALSE(stream.read_some(space));
  EXPECT_FALSE(stream.write_some(as_octets("x")));
}

}  // namespace
}  // namespace tunnel::path
