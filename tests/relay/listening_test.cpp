#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "program.hpp"
#include "udp_peer.hpp"

// tunnel-relay on a TCP port.
namespace tunnel::relay::testing {
namespace {

using ::testing::HasSubstr;

class listening_relay {
 public:
  explicit listening_relay(std::vector<std::string> options = {})
      : process_(command_with(std::move(options))) {
    const auto line = process_.line_with("listening on 127.0.0.1:");
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }

  program& process() { return process_; }

  /// A client's connection, not greeted yet.
  [[nodiscard]] std::unique_ptr<frame_stream> connect() const {
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("the relay does not listen");
    return std::make_unique<frame_stream>(made, made);
  }

  [[nodiscard]] std::unique_ptr<frame_stream> greeted() const {
    auto made = connect();
    made->greet();
    EXPECT_EQ(made->next().what, received::kind::greeting);
    return made;
  }

 private:
  static std::vector<std::string> command_with(std::vector<std::string> options) {
    options.insert(options.begin(), {TUNNEL_RELAY, "--listen", "127.0.0.1:0"});
    return options;
  }

  program process_;
  std::uint16_t port_ = 0;
};

const octets some_octets{1, 2, 3};

void expect_echo(frame_stream& client, const udp_peer& peer) {
  client.send(1, peer.address(), some_octets);
  EXPECT_EQ(peer.echo().payload, some_octets);
  EXPECT_EQ(client.next().payload, some_octets);
}

TEST(ListeningRelay, DeniesWhatIsNearUnlessAllowed) {
  const listening_relay relay;
  const auto client = relay.greeted();
  const udp_peer peer;
  std::uint32_t association = 0;
  const std::vector<socks::address> near{
      peer.address(),
      {loopback6, 53},
      {socks::ipv4{0, 0, 0, 0}, 53},
      {socks::ipv4{169, 254, 169, 254}, 80},
      {socks::ipv4{224, 0, 0, 251}, 5353},
      {socks::ipv4{255, 255, 255, 255}, 67},
      {socks::ipv6{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 53},
      {socks::ipv6{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 53},
      {socks::ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, peer.port()},
      {std::string("localhost"), peer.port()},
  };
  for (const auto& target : near) {
    client->send(++association, target, some_octets);
    const auto got = client->next();
    EXPECT_EQ(got.what, received::kind::notice) << target.to_string();
    EXPECT_THAT(got.text, HasSubstr("Permission denied")) << target.to_string();
  }
  EXPECT_FALSE(peer.poll());
}

TEST(ListeningRelay, ServesManyClients) {
  const listening_relay relay({"--allow", "127.0.0.0/8"});
  const udp_peer peer;
  const auto one = relay.greeted();
  const auto other = relay.greeted();
  expect_echo(*one, peer);
  expect_echo(*other, peer);
  one->end_input();
  EXPECT_FALSE(one->end().code.failed());
  expect_echo(*other, peer);
}

TEST(ListeningRelay, TellsAClientOfAnotherVersionWhy) {
  listening_relay relay;
  const auto client = relay.connect();
  octets greeting(udp::framing::greeting_octets.begin(), udp::framing::greeting_octets.end());
  greeting.back() = 2;
  greeting.resize(200'000);
  client->write(greeting);
  EXPECT_THAT(client->end().message, HasSubstr("version 2"));
  relay.process().line_with("version 2");
  // It goes on for others.
  static_cast<void>(relay.greeted());
}

TEST(ListeningRelay, LetsClientsBeyondTheLimitWait) {
  const listening_relay relay({"--clients", "1"});
  auto first = relay.greeted();
  const auto second = relay.connect();
  second->greet();
  first->end_input();
  EXPECT_FALSE(first->end().code.failed());
  EXPECT_EQ(second->next().what, received::kind::greeting);
}

TEST(ListeningRelay, GivesUpPrivileges) {
  listening_relay relay;
  auto& process = relay.process();
  EXPECT_EQ(process.status("NoNewPrivs"), "1");
  EXPECT_EQ(process.status("CapEff"), "0000000000000000");
  EXPECT_EQ(process.status("CapPrm"), "0000000000000000");
  if (::geteuid() != 0) return;
  EXPECT_EQ(process.status("Uid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(process.status("Gid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(process.status("Groups"), "");
}

TEST(ListeningRelay, StopsWhenAsked) {
  for (const int number : {SIGINT, SIGTERM}) {
    listening_relay relay;
    const auto client = relay.greeted();
    relay.process().signal(number);
    EXPECT_EQ(relay.process().wait(), 0);
  }
}

TEST(ListeningRelay, SaysWhatIsWrongWithItsOptions) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
      {{}, "--stdio or --listen"},
      {{"--listen", "0.0.0.0:0"}, "add -g"},
      {{"--listen", "example.org:1"}, "no place to listen"},
      {{"--listen", "::1:80"}, "no place to listen"},
      {{"--listen", "99999"}, "no place to listen"},
      {{"--listen", "1", "--stdio"}, "--help"},
      {{"--listen", "127.0.0.1:0", "--user", "no such user"}, "user"},
      {{"--stdo"}, "--help"},
  };
  for (auto [arguments, sentence] : mistakes) {
    arguments.insert(arguments.begin(), TUNNEL_RELAY);
    program relay(arguments);
    EXPECT_EQ(relay.wait(), 2) << sentence;
    EXPECT_THAT(relay.errors(), HasSubstr(sentence));
  }
}

TEST(ListeningRelay, SaysWhichPortIsTaken) {
  listening_relay first;
  const auto line = first.process().errors();
  const auto port = line.substr(line.rfind(':') + 1, line.rfind('\n') - line.rfind(':') - 1);
  program second({TUNNEL_RELAY, "--listen", port});
  EXPECT_EQ(second.wait(), 2);
  EXPECT_THAT(second.errors(), HasSubstr("cannot listen on 127.0.0.1:" + port));
}

}  // namespace
}  // namespace tunnel::relay::testing
