#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <set>

#include "program.hpp"
#include "udp/framing/encoder.hpp"
#include "udp_peer.hpp"

// What a relay does, whichever it is.
namespace tunnel::relay::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Gt;
using ::testing::HasSubstr;

class RelayBehaviour : public ::testing::TestWithParam<kind> {};

INSTANTIATE_TEST_SUITE_P(Relays, RelayBehaviour, ::testing::Values(kind::cplusplus, kind::python),
                         [](const auto& named) {
                           return std::string(named.param == kind::cplusplus ? "Cplusplus" : "Python");
                         });

octets payload_of(std::size_t size) {
  octets made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<octet>(i * 7 + i / 251);
  return made;
}

// Sends it to `target`, where `peer` sends it back.
void expect_echo(running_relay& relay, std::uint32_t association, const udp_peer& peer,
                 const socks::address& target, octet_view payload) {
  relay->send(association, target, payload);
  peer.echo();
  const auto got = relay->next();
  ASSERT_EQ(got.what, received::kind::datagram) << got.text;
  EXPECT_EQ(got.association, association);
  EXPECT_EQ(got.from, peer.address());
  EXPECT_TRUE(std::ranges::equal(got.payload, payload)) << got.payload.size();
}

TEST_P(RelayBehaviour, CarriesDatagramsOfAnySizeOverIpv4) {
  running_relay relay(GetParam());
  const udp_peer peer;
  for (const std::size_t size : {0U, 1U, 1200U, 65'507U})
    expect_echo(relay, 1, peer, peer.address(), payload_of(size));
}

TEST_P(RelayBehaviour, CarriesDatagramsOfAnySizeOverIpv6) {
  running_relay relay(GetParam());
  const udp_peer peer(AF_INET6);
  for (const std::size_t size : {0U, 1U, 1200U, 65'507U, 65'527U})
    expect_echo(relay, 1, peer, peer.address(), payload_of(size));
}

TEST_P(RelayBehaviour, ResolvesNames) {
  running_relay relay(GetParam());
  const udp_peer four;
  const udp_peer six(AF_INET6);
  expect_echo(relay, 1, four, {std::string("127.0.0.1"), four.port()}, payload_of(65'507));
  expect_echo(relay, 1, six, {std::string("::1"), six.port()}, payload_of(3));
  // Again, and by then the name is known.
  expect_echo(relay, 2, four, {std::string("127.0.0.1"), four.port()}, payload_of(0));
}

TEST_P(RelayBehaviour, ResolvesLocalhostToAFamilyOfIts) {
  running_relay relay(GetParam());
  const udp_peer four;
  const udp_peer six(AF_INET6, four.port());
  relay->send(1, {std::string("localhost"), four.port()}, payload_of(5));
  for (std::optional<udp_peer::datagram> got; !got;) {
    for (const auto* each : {&four, &six}) {
      if (!got && (got = each->poll())) each->reply(*got, got->payload);
    }
  }
  EXPECT_THAT(relay->next().from, AnyOf(four.address(), six.address()));
}

TEST_P(RelayBehaviour, TakesAnIpv4MappedAddressForTheIpv4Address) {
  running_relay relay(GetParam());
  const udp_peer peer;
  const socks::ipv6 mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  expect_echo(relay, 1, peer, {mapped, peer.port()}, payload_of(1));
}

TEST_P(RelayBehaviour, KeepsTheSourceOfAnAssociation) {
  running_relay relay(GetParam());
  const udp_peer one;
  const udp_peer other;
  relay->send(1, one.address(), {});
  relay->send(1, other.address(), {});
  EXPECT_EQ(one.receive().port(), other.receive().port());
}

TEST_P(RelayBehaviour, PassesOnWhatAnotherPeerSends) {
  running_relay relay(GetParam());
  const udp_peer asked;
  const udp_peer other;
  relay->send(1, asked.address(), payload_of(1));
  const auto seen = asked.receive();
  other.reply(seen, payload_of(2));
  const auto got = relay->next();
  EXPECT_EQ(got.from, other.address());
  EXPECT_EQ(got.payload, payload_of(2));
}

TEST_P(RelayBehaviour, KeepsAssociationsApart) {
  running_relay relay(GetParam());
  const udp_peer peer;
  relay->send(1, peer.address(), payload_of(1));
  const auto first = peer.receive();
  relay->send(0xffffffff, peer.address(), payload_of(2));
  const auto second = peer.receive();
  EXPECT_NE(first.port(), second.port());
  peer.reply(second, payload_of(4));
  const auto answer = relay->next();
  EXPECT_EQ(answer.association, 0xffffffffU);
  EXPECT_EQ(answer.payload, payload_of(4));
  peer.reply(first, payload_of(3));
  EXPECT_EQ(relay->next().association, 1U);
}

TEST_P(RelayBehaviour, ClosesAnAssociationWhenToldTo) {
  running_relay relay(GetParam());
  const udp_peer peer;
  relay->send(1, peer.address(), {});
  const auto old = peer.receive();
  relay->send_close(1);
  relay->send_close(77);
  // Once this arrives, the first one's socket is gone.
  relay->send(2, peer.address(), payload_of(2));
  const auto other = peer.receive();
  peer.reply(old, payload_of(1));
  peer.reply(other, payload_of(2));
  EXPECT_EQ(relay->next().payload, payload_of(2));
  // The number may be used again.
  expect_echo(relay, 1, peer, peer.address(), payload_of(3));
}

TEST_P(RelayBehaviour, ClosesAnIdleAssociation) {
  running_relay relay(GetParam(), std::chrono::milliseconds(300));
  const udp_peer peer;
  expect_echo(relay, 1, peer, peer.address(), payload_of(1));
  const auto got = relay->next();
  EXPECT_EQ(got.what, received::kind::closed);
  EXPECT_EQ(got.association, 1U);
  EXPECT_EQ(got.text, "idle");
  expect_echo(relay, 1, peer, peer.address(), payload_of(1));
}

TEST_P(RelayBehaviour, RefusesTooManyAssociations) {
  running_relay relay(GetParam());
  const udp_peer peer;
  for (std::uint32_t number = 1; number <= 1024; ++number) {
    relay->send(number, peer.address(), {});
    static_cast<void>(peer.receive());
  }
  relay->send(1025, peer.address(), {});
  const auto got = relay->next();
  EXPECT_EQ(got.what, received::kind::closed);
  EXPECT_EQ(got.association, 1025U);
  EXPECT_THAT(got.text, HasSubstr("too many associations"));
  expect_echo(relay, 1024, peer, peer.address(), payload_of(1));
}

TEST_P(RelayBehaviour, TellsOfANameThatIsNotFound) {
  running_relay relay(GetParam());
  // getaddrinfo(3) refuses an empty label without asking anybody.
  relay->send(5, {std::string("no..name"), 53}, payload_of(1));
  const auto got = relay->next();
  EXPECT_EQ(got.what, received::kind::notice);
  EXPECT_EQ(got.association, 5U);
  EXPECT_THAT(got.text, HasSubstr("cannot resolve no..name"));
  const udp_peer peer;
  expect_echo(relay, 5, peer, peer.address(), payload_of(1));
}

TEST_P(RelayBehaviour, LooksUpNothingThatIsNoName) {
  running_relay relay(GetParam());
  const std::string with_nul("127.0.0.1\0x", 11);
  relay->send(1, {with_nul, 53}, {});
  EXPECT_THAT(relay->next().text, HasSubstr("not a name"));
}

TEST_P(RelayBehaviour, TellsOfAnAddressThatCannotBeSentTo) {
  running_relay relay(GetParam());
  relay->send(1, {loopback4, 0}, payload_of(1));
  const auto got = relay->next();
  EXPECT_EQ(got.what, received::kind::notice);
  EXPECT_THAT(got.text, HasSubstr("cannot send to"));
}

// More than can be queued, to a client that does not read: the oldest go, the newest stay, memory is bounded.
TEST_P(RelayBehaviour, DropsTheOldestWhenTheClientStalls) {
  constexpr std::size_t count = 600;
  constexpr std::size_t size = 8000;
  running_relay relay(GetParam());
  const udp_peer peer;
  for (std::size_t i = 0; i < count; ++i) {
    octets numbered(size);
    numbered[0] = static_cast<octet>(i >> 8);
    numbered[1] = static_cast<octet>(i);
    relay->send(1, peer.address(), numbered);
    peer.echo();
  }
  const auto memory = std::stoul(relay.process().status("VmRSS"));
  EXPECT_LT(memory, 64U * 1024U) << "KiB";
  std::vector<std::size_t> arrived;
  while (arrived.empty() || arrived.back() + 1 != count) {
    const auto got = relay->next();
    ASSERT_EQ(got.payload.size(), size);
    arrived.push_back(std::size_t{got.payload[0]} << 8 | got.payload[1]);
  }
  EXPECT_TRUE(std::ranges::is_sorted(arrived));
  EXPECT_LT(arrived.size(), count / 2);
  // At least most of 1 MiB, without a gap.
  EXPECT_GT(arrived.size(), 100U);
  EXPECT_EQ(arrived[arrived.size() - 100], count - 100);
}

TEST_P(RelayBehaviour, EndsWhenItsInputEnds) {
  running_relay relay(GetParam());
  const udp_peer peer;
  expect_echo(relay, 1, peer, peer.address(), payload_of(1));
  relay->end_input();
  EXPECT_FALSE(relay->end().code.failed());
  EXPECT_EQ(relay.process().wait(), 0);
  EXPECT_EQ(relay.process().errors(), "");
}

void expect_failure(kind which, octet_view input, const std::string& reason) {
  program process(command_of(which));
  feed_program(which, process.stream());
  process.stream().write(input);
  EXPECT_EQ(process.stream().next().what, received::kind::greeting);
  const auto ended = process.stream().end();
  EXPECT_EQ(ended.code, udp::framing::errc::peer_failed);
  EXPECT_THAT(ended.message, HasSubstr(reason));
  EXPECT_EQ(process.wait(), 1);
  EXPECT_THAT(process.errors(), HasSubstr(reason));
}

octets greeted(octets frames) {
  const octet_view greeting(udp::framing::greeting_octets);
  frames.insert(frames.begin(), greeting.begin(), greeting.end());
  return frames;
}

TEST_P(RelayBehaviour, RefusesAnotherVersion) {
  auto greeting = greeted({});
  greeting.back() = 9;
  expect_failure(GetParam(), greeting, "version 9");
}

TEST_P(RelayBehaviour, RefusesAClientOfAnotherProtocol) {
  expect_failure(GetParam(), as_octets("GET / HTTP/1.1\r\n"), "relay");
}

TEST_P(RelayBehaviour, RefusesALengthBeyondTheLimit) {
  expect_failure(GetParam(), greeted({0x01, 0x01, 0x00, 1, 0, 0, 0, 1}), "65792");
}

TEST_P(RelayBehaviour, RefusesALengthBelowTheLimit) {
  expect_failure(GetParam(), greeted({0, 0, 4, 1, 0, 0, 0, 1}), " 4 ");
}

TEST_P(RelayBehaviour, RefusesMalformedFrames) {
  expect_failure(GetParam(), greeted({0, 0, 5, 1, 0, 0, 0, 1}), "malformed");
  expect_failure(GetParam(), greeted({0, 0, 9, 1, 0, 0, 0, 1, 3, 0, 0, 53}), "malformed");
  expect_failure(GetParam(), greeted({0, 0, 11, 1, 0, 0, 0, 1, 1, 127, 0, 0, 1, 0}), "malformed");
  expect_failure(GetParam(), greeted({0, 0, 5, 9, 0, 0, 0, 1}), "unknown type 9");
}

// A name server that does not answer holds up nobody, nor the end.
TEST(PythonRelay, GoesOnWhileNamesAreLookedUp) {
  const std::string slow =
      "import socket, sys, time\n"
      "def slow(name, *rest): time.sleep(60)\n"
      "socket.getaddrinfo = slow\n"
      "exec(open(sys.argv.pop(1)).read())\n";
  running_relay relay({"python3", "-c", slow, TUNNEL_RELAY_SCRIPT});
  const udp_peer peer;
  for (int i = 0; i < 100; ++i) relay->send(1, {"name" + std::to_string(i), 53}, payload_of(10));
  const auto note = relay->next();
  EXPECT_THAT(note.text, HasSubstr("too many names"));
  expect_echo(relay, 2, peer, peer.address(), payload_of(1));
  relay->end_input();
  EXPECT_EQ(relay.process().wait(), 0);
}

}  // namespace
}  // namespace tunnel::relay::testing
