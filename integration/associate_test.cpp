#include <gmock/gmock.h>

#include <csignal>
#include <map>
#include <random>
#include <vector>

#include "support/scenario.hpp"
#include "support/udp.hpp"

namespace tunnel::integration {
namespace {

/// `count` octets that say whether they were changed.
std::string noise(std::size_t count) {
  static std::minstd_rand random(1);
  std::string data(count, '\0');
  for (auto& each : data) each = static_cast<char>(random());
  return data;
}

/// UDP ASSOCIATE by the relay that needs nothing installed but Python.
class Associate : public scenario {
 protected:
  void start(std::vector<std::string> further = {}) {
    std::vector<std::string> arguments{"--udp", "script"};
    arguments.insert(arguments.end(), further.begin(), further.end());
    start_tunnel({.listeners = {"127.0.0.1:0", "[::1]:0"}, .arguments = arguments});
  }

  /// The relays that the server runs now.
  std::vector<pid_t> relays() {
    std::vector<pid_t> found;
    for (const auto session : server().sessions()) {
      for (const auto each : process_tree(session)) {
        if (read_file("/proc/" + std::to_string(each) + "/comm").starts_with("python3"))
          found.push_back(each);
      }
    }
    return found;
  }
};

TEST_P(Associate, CarriesDatagramsOfEverySize) {
  const udp_echo target4;
  const udp_echo target6("::1");
  start();
  // IPv6 between client and proxy leaves room for the header in front of the largest datagram of IPv4.
  const udp_association association(tunnel().port(1), "::1");
  for (const std::size_t size : {1U, 2U, 100U, 1472U, 1500U, 8192U, 9000U, 32768U, 60000U, 65000U, 65507U}) {
    const auto data = noise(size);
    EXPECT_TRUE(association.echoes({"127.0.0.1", target4.port()}, data)) << size;
    // The header of one to IPv6 is longer.
    const auto fitting = data.substr(0, 65505);
    EXPECT_TRUE(association.echoes({"::1", target6.port()}, fitting)) << size;
  }
  const udp_association narrow(port());
  EXPECT_TRUE(narrow.echoes({"127.0.0.1", target4.port()}, noise(65497)));
}

TEST_P(Associate, CarriesAnEmptyDatagram) {
  const udp_echo target;
  start();
  const udp_association association(port());
  EXPECT_TRUE(association.echoes({"127.0.0.1", target.port()}, ""));
}

TEST_P(Associate, FindsNamesAtTheServer) {
  const udp_echo target;
  start_server({.hosts = {"127.0.0.1 known-to-the-server.test"}});
  start();
  const udp_association association(port());
  ASSERT_TRUE(association.send({"known-to-the-server.test", target.port()}, "by name"));
  const auto came = association.receive();
  ASSERT_TRUE(came);
  EXPECT_EQ(came->data, "by name");
  EXPECT_EQ(came->from.port, target.port());
}

TEST_P(Associate, SaysWhereTheClientCanSend) {
  start();
  const udp_association four(port());
  EXPECT_EQ(four.relay().host, "127.0.0.1");
  EXPECT_NE(four.relay().port, 0);
  const udp_association six(tunnel().port(1), "::1");
  EXPECT_EQ(six.relay().host, "::1");
}

TEST_P(Associate, TakesDatagramsOfItsClientAlone) {
  const udp_echo target;
  start();
  const udp_association announced(port(), "127.0.0.1", true);
  const udp_association first_seen(port());
  ASSERT_TRUE(first_seen.echoes({"127.0.0.1", target.port()}, "first"));
  const auto before = target.received();
  const udp_socket foreigner;
  const auto datagram = udp_header({"127.0.0.1", target.port()}) + "foreign";
  ASSERT_TRUE(foreigner.send_to(announced.relay(), datagram));
  ASSERT_TRUE(foreigner.send_to(first_seen.relay(), datagram));
  // What comes behind it has come through: so has it been looked at.
  EXPECT_TRUE(announced.echoes({"127.0.0.1", target.port()}, "own"));
  EXPECT_TRUE(first_seen.echoes({"127.0.0.1", target.port()}, "own"));
  EXPECT_EQ(target.received() - before, 2U);
}

TEST_P(Associate, DropsFragmentsAndWhatMakesNoSense) {
  const udp_echo target;
  start();
  udp_association association(port());
  const auto good = udp_header({"127.0.0.1", target.port()});
  association.send_raw(udp_header({"127.0.0.1", target.port()}, 1) + "fragment");
  association.send_raw(udp_header({"127.0.0.1", target.port()}, 0x81) + "last fragment");
  association.send_raw(std::string("\x01", 1) + good.substr(1) + "RSV");
  for (std::size_t size = 0; size < good.size(); ++size) association.send_raw(good.substr(0, size));
  EXPECT_TRUE(association.echoes({"127.0.0.1", target.port()}, "whole"));
  EXPECT_EQ(target.received(), 1U);
  association.control().close();
  EXPECT_TRUE(tunnel().logs("dropped: 2 fragments, 11 malformed")) << tunnel().log();
}

TEST_P(Associate, HearsAnybodyAtItsPort) {
  const udp_socket target;
  const udp_socket stranger;
  start();
  const udp_association association(port());
  ASSERT_TRUE(association.send({"127.0.0.1", target.port()}, "hello"));
  const auto came = target.receive();
  ASSERT_TRUE(came);
  ASSERT_TRUE(stranger.send_to(came->from, "from a stranger"));
  const auto heard = association.receive();
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->data, "from a stranger");
  EXPECT_EQ(heard->from.host, "127.0.0.1");
  EXPECT_EQ(heard->from.port, stranger.port());
}

TEST_P(Associate, HearsThoseAloneWhomItAddressedWhenToldSo) {
  const udp_socket target;
  const udp_socket same_host;
  const udp_socket stranger("127.0.0.2");
  start({"--udp-filter", "address"});
  const udp_association association(port());
  ASSERT_TRUE(association.send({"127.0.0.1", target.port()}, "hello"));
  const auto came = target.receive();
  ASSERT_TRUE(came);
  ASSERT_TRUE(stranger.send_to(came->from, "from a stranger"));
  ASSERT_TRUE(same_host.send_to(came->from, "from the same host"));
  const auto heard = association.receive();
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->data, "from the same host");
}

TEST_P(Associate, EndsWithItsTcpConnection) {
  const udp_echo target;
  start();
  udp_association association(port());
  ASSERT_TRUE(association.echoes({"127.0.0.1", target.port()}, "before"));
  association.control().close();
  EXPECT_TRUE(tunnel().logs("1 datagrams (6 B) up, 1 (6 B) down")) << tunnel().log();
  association.send({"127.0.0.1", target.port()}, "after");
  EXPECT_FALSE(association.receive(milliseconds(200)));
  EXPECT_EQ(target.received(), 1U);
}

TEST_P(Associate, EndsWhenItIsIdle) {
  start({"--udp-timeout", "1"});
  udp_association association(port());
  EXPECT_EQ(association.control().receive_to_end().data, "");
  EXPECT_TRUE(tunnel().logs("idle for 1 s"));
}

TEST_P(Associate, EndsWithItsRelayAndTheNextHasANewOne) {
  const udp_echo target;
  start();
  udp_association association(port());
  ASSERT_TRUE(association.echoes({"127.0.0.1", target.port()}, "before"));
  const auto before = relays();
  ASSERT_EQ(before.size(), 1U);
  ::kill(before[0], SIGKILL);
  EXPECT_EQ(association.control().receive_to_end().data, "");
  EXPECT_TRUE(tunnel().logs("the UDP relay ended")) << tunnel().log();
  const udp_association next(port());
  EXPECT_TRUE(next.echoes({"127.0.0.1", target.port()}, "after"));
}

TEST_P(Associate, SharesOneRelayAmongTwoHundred) {
  const udp_echo target;
  start();
  std::vector<udp_association> all;
  all.reserve(200);
  for (int i = 0; i < 200; ++i) all.emplace_back(port());
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_TRUE(all[i].send({"127.0.0.1", target.port()}, "number " + std::to_string(i))) << i;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto came = all[i].receive();
    ASSERT_TRUE(came) << i;
    EXPECT_EQ(came->data, "number " + std::to_string(i));
  }
  EXPECT_EQ(relays().size(), 1U);
}

TEST_P(Associate, LosesNoneOfAThousandAtTwoHundredPerSecond) {
  const udp_echo target;
  start();
  const udp_association association(port());
  static constexpr unsigned amount = 1000;
  const auto begin = steady_clock::now();
  std::map<std::string, unsigned> back;
  const auto collect = [&](milliseconds limit) {
    const auto came = association.receive(limit);
    if (came) ++back[came->data];
    return came.has_value();
  };
  for (unsigned i = 0; i < amount; ++i) {
    ASSERT_TRUE(association.send({"127.0.0.1", target.port()}, "number " + std::to_string(i)));
    // Until the next one's turn.
    const auto next = begin + milliseconds(5) * (i + 1);
    while (steady_clock::now() < next) collect(std::chrono::ceil<milliseconds>(next - steady_clock::now()));
  }
  while (back.size() < amount && collect(seconds(5))) {
  }
  EXPECT_EQ(back.size(), amount);
}

TUNNEL_RUN_SCENARIO(Associate, every_daemon);

}  // namespace
}  // namespace tunnel::integration
