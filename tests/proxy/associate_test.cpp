#include "proxy/associate.hpp"

#include <gtest/gtest.h>

#include <array>

#include "proxy/front_end.hpp"
#include "socks/reply.hpp"
#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_channel.hpp"
#include "support/fake_server.hpp"
#include "support/far_end.hpp"

namespace tunnel::proxy {
namespace {

using namespace std::string_view_literals;
using support::channel_peer;
using support::far_end;

constexpr auto greeting = "\5\1\0"sv;
constexpr auto associate = "\5\3\0\1\0\0\0\0\0\0"sv;
constexpr auto relay_greeting = "\0tunnel-udp\0\1"sv;
// To 8.8.8.8:53, as the client says it and as the relay is told.
constexpr auto datagram =
    "\0\0\0\1\x08\x08\x08\x08\0\x35"
    "data"sv;
constexpr auto frame =
    "\0\0\x10\1\0\0\0\1\1\x08\x08\x08\x08\0\x35"
    "data"sv;

class Associate : public testing::Test {
 protected:
  using udp_socket = asio::ip::udp::socket;

  Associate() {
    pool_ = std::make_unique<pool::pool>(context_.get_executor(), "fake", server_.connector(), pool::limits{},
                                         pool::keepalive_policy{.interval = {}}, [](const error&) {});
    udp::settings ways;
    ways.only = udp::way::gateway;
    ways.gateway = ssh::endpoint{"gateway", 7300};
    datagrams_.emplace(std::move(ways), association_rules{});
    services_.emplace(*pool_, bind_settings{}, &*datagrams_);
    server_.serve_with([this](support::fake_connection& on, const ssh::endpoint&) {
      if (refusal_) return std::optional<support::fake_connection::open_outcome>(*refusal_);
      relay_ = std::make_shared<channel_peer>(on.get_executor());
      return std::optional<support::fake_connection::open_outcome>(relay_->open());
    });
    client_.open(asio::ip::udp::v4());
    client_.bind({asio::ip::address_v4::loopback(), 0});
    client_.non_blocking(true);
  }
  ~Associate() override { pool_->close(); }

  bool until(const std::function<bool()>& reached) { return support::run_until(context_, reached); }

  /// Asks for an association and gives the control connection.
  far_end ask() {
    support::started connecting(context_, pool_->connect());
    EXPECT_TRUE(connecting.wait());
    auto pair = support::connect_pair(context_);
    client accepted(std::move(pair.accepted), clients_);
    served_.emplace_back(context_, support::ended(serve_client(std::move(accepted), waiting_, *services_)));
    far_end program(std::move(pair.connected));
    program.send(std::string(greeting) + std::string(associate));
    return program;
  }

  /// Has the relay greet, and gives the port of the reply.
  std::uint16_t granted(far_end& program) {
    EXPECT_TRUE(
        until([&] { return at_relay([](auto& relay) { return relay.received() == relay_greeting; }); }));
    at_relay([](auto& relay) { return relay.deliver(relay_greeting); });
    EXPECT_TRUE(until([&] { return program.received().size() == 12; }));
    const auto& reply = program.received();
    EXPECT_EQ(reply.substr(0, 10), "\5\0\5\0\0\1\x7f\0\0\1"sv);
    return static_cast<std::uint16_t>(static_cast<octet>(reply[10]) << 8 | static_cast<octet>(reply[11]));
  }

  void send(std::uint16_t port, std::string_view text) {
    client_.send_to(asio::buffer(text), {asio::ip::address_v4::loopback(), port});
  }

  std::string receive() {
    std::array<char, 2048> space;
    std::size_t size = 0;
    EXPECT_TRUE(until([&] {
      boost::system::error_code failure;
      size = client_.receive(asio::buffer(space), 0, failure);
      return !failure;
    }));
    return {space.data(), size};
  }

  /// Whether something holds at the relay, looked at on its thread.
  bool at_relay(const std::function<bool(channel_peer&)>& holds) {
    bool answer = false;
    server_.with(0, [&](support::fake_connection&) { answer = relay_ && holds(*relay_); });
    return answer;
  }

  std::string received_by_relay() {
    std::string text;
    at_relay([&](auto& relay) {
      text = relay.received();
      return true;
    });
    return text;
  }

  support::fake_server server_{1};
  half_open waiting_{2};
  client::counter clients_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::optional<udp_service> datagrams_;
  std::unique_ptr<pool::pool> pool_;
  std::optional<services> services_;
  asio::io_context context_;
  udp_socket client_{context_};
  std::vector<support::started<bool>> served_;
  // On the connection's thread.
  std::shared_ptr<channel_peer> relay_;
  std::optional<error> refusal_;
};

TEST_F(Associate, CarriesDatagramsBothWays) {
  auto program = ask();
  const auto port = granted(program);
  send(port, datagram);
  const auto all = std::string(relay_greeting) + std::string(frame);
  EXPECT_TRUE(until([&] { return received_by_relay() == all; }));
  at_relay([](auto& relay) { return relay.deliver(frame); });
  EXPECT_EQ(receive(), datagram);
}

TEST_F(Associate, DropsWhatIsNotForIt) {
  auto program = ask();
  const auto port = granted(program);
  send(port,
       "\0\0\1\1\x08\x08\x08\x08\0\x35"
       "part"sv);
  send(port, "nonsense"sv);
  // The port that it sent from first is its own.
  send(port, datagram);
  udp_socket other(context_, {asio::ip::address_v4::loopback(), 0});
  other.send_to(asio::buffer("\0\0\0\1\x08\x08\x08\x08\0\x35"
                             "evil"sv),
                {asio::ip::address_v4::loopback(), port});
  send(port, datagram);
  const auto all = std::string(relay_greeting) + std::string(frame) + std::string(frame);
  EXPECT_TRUE(until([&] { return received_by_relay() == all; }));
}

TEST_F(Associate, EndsWithItsTcpConnectionAndGivesTheLeaseBack) {
  auto program = ask();
  granted(program);
  EXPECT_EQ(pool_->flows(), 1U);
  program.close();
  EXPECT_TRUE(until([&] { return pool_->flows() == 0 && *clients_ == 0; }));
  // The relay stays for the next.
  EXPECT_FALSE(at_relay([](auto& relay) { return relay.destroyed(); }));
  // And the connection has its one open free again.
  support::started another(context_, pool_->acquire());
  EXPECT_TRUE(another.wait());
}

TEST_F(Associate, LeavesOpensToOthersMeanwhile) {
  auto program = ask();
  granted(program);
  support::started another(context_, pool_->acquire());
  EXPECT_TRUE(another.wait());
  EXPECT_EQ(server_.attempts(), 1U);
}

TEST_F(Associate, EndsWithItsRelay) {
  auto program = ask();
  granted(program);
  at_relay([](auto& relay) {
    relay.close();
    return true;
  });
  EXPECT_TRUE(until([&] { return program.saw_fin(); }));
  EXPECT_TRUE(until([&] { return pool_->flows() == 0; }));
}

TEST_F(Associate, EndsWithItsConnection) {
  auto program = ask();
  granted(program);
  at_relay([](auto& relay) {
    relay.lose({ssh::errc::connection_lost, "gone"});
    return true;
  });
  EXPECT_TRUE(until([&] { return program.saw_fin(); }));
}

TEST_F(Associate, IsRefusedWhereThereIsNoWay) {
  refusal_ = error{ssh::errc::connect_failed, "Connection refused"};
  auto program = ask();
  EXPECT_TRUE(until([&] { return program.saw_fin(); }));
  EXPECT_EQ(program.received().substr(0, 4), "\5\0\5\7"sv);
  EXPECT_TRUE(until([&] { return pool_->flows() == 0; }));
}

}  // namespace
}  // namespace tunnel::proxy
