#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "support/name_server.hpp"
#include "support/scenario.hpp"
#include "support/udp.hpp"

namespace tunnel::integration {
namespace {

using namespace std::string_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A relay that listens, in a process of its own.
class gateway {
 public:
  /// `arguments`: of the program, to which the port is to be added.
  explicit gateway(std::vector<std::string> arguments)
      : port_(free_port()), process_(listening(arguments, port_)) {
    if (!eventually([this] { return accepts(); })) throw std::runtime_error(process_.errors());
  }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void kill() { process_.kill(); }

 private:
  static command listening(std::vector<std::string> arguments, std::uint16_t port) {
    arguments.push_back(std::to_string(port));
    return {.arguments = std::move(arguments)};
  }

  [[nodiscard]] bool accepts() const {
    try {
      tcp_stream::connect("127.0.0.1", port_, seconds(1));
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  std::uint16_t port_;
  process process_;
};

std::vector<std::string> script(const std::string& name) {
  return {"/usr/bin/python3", TUNNEL_INTEGRATION "/servers/" + name};
}

std::vector<std::string> tunnel_relay() {
  return {TUNNEL_RELAY_FOLDER "/tunnel-relay", "--allow", "127.0.0.0/8", "--allow", "::1/128", "--listen"};
}

/// Which way UDP takes, and what each can.
class UdpWay : public scenario {
 protected:
  void start(std::vector<std::string> arguments) { start_tunnel({.arguments = std::move(arguments)}); }
};

TEST_P(UdpWay, IsTheScriptWhereNothingIsInstalled) {
  const udp_echo target;
  start({});
  const udp_association first(port());
  EXPECT_TRUE(first.echoes({"127.0.0.1", target.port()}, "first"));
  const udp_association second(port());
  EXPECT_TRUE(second.echoes({"127.0.0.1", target.port()}, "second"));
  EXPECT_TRUE(tunnel().logs("UDP goes by script (helper: "));
  EXPECT_FALSE(tunnel().logs("UDP goes by", 2, milliseconds(0))) << "found once";
}

TEST_P(UdpWay, IsNoneWhenUdpIsOff) {
  start({"--udp", "off"});
  EXPECT_EQ(ask_for_association(port()), reply::command_not_supported);
}

TEST_P(UdpWay, IsNoneWhenTheHelperIsNotThere) {
  start({"--udp", "helper"});
  EXPECT_EQ(ask_for_association(port()), reply::command_not_supported);
  EXPECT_TRUE(tunnel().logs("no way for UDP: helper: "));
  EXPECT_THAT(tunnel().log(), HasSubstr("--udp-gateway"));
}

TEST_P(UdpWay, IsNoneWhenTheGatewayIsNotThere) {
  start({"--udp", "gateway", "--udp-gateway", "127.0.0.1:" + std::to_string(free_port())});
  EXPECT_EQ(ask_for_association(port()), reply::command_not_supported);
  EXPECT_TRUE(tunnel().logs("no way for UDP: gateway: "));
}

TEST_P(UdpWay, IsTunnelRelayThatListens) {
  const udp_echo four;
  const udp_echo six("::1");
  const gateway relay(tunnel_relay());
  start({"--udp-gateway", relay.address()});
  const udp_association association(port());
  for (const std::size_t size : {1U, 1472U, 65497U}) {
    EXPECT_TRUE(association.echoes({"127.0.0.1", four.port()}, std::string(size, 'x'))) << size;
    if (size < 65485) {
      EXPECT_TRUE(association.echoes({"::1", six.port()}, std::string(size, 'y'))) << size;
    }
  }
  EXPECT_TRUE(tunnel().logs("UDP goes by gateway"));
}

TEST_P(UdpWay, IsTheNextOneWhereTheGatewayIsNotThere) {
  const udp_echo target;
  start({"--udp-gateway", "127.0.0.1:" + std::to_string(free_port())});
  const udp_association association(port());
  EXPECT_TRUE(association.echoes({"127.0.0.1", target.port()}, "data"));
  EXPECT_TRUE(tunnel().logs("UDP goes by script (gateway: "));
}

TEST_P(UdpWay, IsUdpgw) {
  const udp_echo four;
  const udp_echo six("::1");
  const gateway relay(script("udpgw_server.py"));
  start({"--udp-gateway", relay.address(), "--udp-gateway-protocol", "udpgw"});
  const udp_association association(port());
  for (const std::size_t size : {1U, 1472U, 9000U, 65497U}) {
    EXPECT_TRUE(association.echoes({"127.0.0.1", four.port()}, std::string(size, 'x'))) << size;
    if (size < 65485) {
      EXPECT_TRUE(association.echoes({"::1", six.port()}, std::string(size, 'y'))) << size;
    }
  }
  EXPECT_TRUE(tunnel().logs("UDP goes by gateway"));
}

TEST_P(UdpWay, ReusesConidsOfUdpgw) {
  const gateway relay(script("udpgw_server.py"));
  start({"--udp-gateway", relay.address(), "--udp-gateway-protocol", "udpgw"});
  // Twice as many pairs of addresses as there are conids.
  std::vector<std::unique_ptr<udp_echo>> targets;
  for (int i = 0; i < 8; ++i) targets.push_back(std::make_unique<udp_echo>());
  std::vector<udp_association> clients;
  for (int i = 0; i < 64; ++i) clients.emplace_back(port());
  for (int round = 0; round < 2; ++round) {
    for (const auto& client : clients) {
      for (const auto& target : targets) ASSERT_TRUE(client.echoes({"127.0.0.1", target->port()}, "data"));
    }
  }
}

TEST_P(UdpWay, LooksNamesUpForUdpgw) {
  const udp_echo target;
  const gateway relay(script("udpgw_server.py"));
  const name_server names({"host-record=echo.names.test,127.0.0.1", "address=/none.test/"});
  start({"--udp-gateway", relay.address(), "--udp-gateway-protocol", "udpgw", "--dns", names.address()});
  const udp_association association(port());
  // Answers come from the address.
  ASSERT_TRUE(association.send({"echo.names.test", target.port()}, "by name"));
  const auto answer = association.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->data, "by name");
  ASSERT_TRUE(association.send({"www.none.test", target.port()}, "to nobody"));
  EXPECT_TRUE(tunnel().logs("UDP to www.none.test: there is no name www.none.test"));
}

TEST_P(UdpWay, IsDnsAlone) {
  const auto address = name_server::address_of_our_own();
  // Others than root cannot have that port; then there is nobody to answer.
  const bool may_answer = ::geteuid() == 0;
  std::optional<name_server> names;
  if (may_answer)
    names.emplace(std::vector<std::string>{"host-record=www.names.test,192.0.2.7"}, address, 53);
  start({"--udp", "dns"});
  const udp_association association(port());
  const udp_echo other;
  // RFC 1035: identification 0x1234, recursion desired, one question for an A record.
  const std::string query = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x05names\x04test\0\0\x01\0\x01"s;
  ASSERT_TRUE(association.send({"127.0.0.1", other.port()}, query));
  EXPECT_TRUE(tunnel().logs("there is only DNS"));
  ASSERT_TRUE(association.send({address, 53}, query));
  if (may_answer) {
    const auto answer = association.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->from.host, address);
    EXPECT_THAT(answer->data, StartsWith("\x12\x34"));
    EXPECT_THAT(answer->data, EndsWith("\xc0\0\x02\x07"s));
  } else {
    EXPECT_TRUE(tunnel().logs("DNS at " + address));
  }
  EXPECT_EQ(other.received(), 0U);
}

TEST_P(UdpWay, IsHev) {
  const udp_echo four;
  const udp_echo six("::1");
  const gateway relay(script("hev_server.py"));
  start({"--udp-gateway", relay.address(), "--udp-gateway-protocol", "hev"});
  const udp_association association(port());
  EXPECT_TRUE(association.echoes({"127.0.0.1", four.port()}, std::string(1493, 'x')));
  EXPECT_TRUE(association.echoes({"::1", six.port()}, std::string(1481, 'y')));
  EXPECT_TRUE(association.echoes({"localhost", four.port()}, "by name"));
  // The server would stop listening to an association that sends it more.
  EXPECT_TRUE(association.send({"127.0.0.1", four.port()}, std::string(1494, 'x')));
  EXPECT_TRUE(association.echoes({"127.0.0.1", four.port()}, "after"));
}

TEST_P(UdpWay, EndsAssociationsWithTheirGateway) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> all{
      {tunnel_relay(), "tunnel"}, {script("udpgw_server.py"), "udpgw"}, {script("hev_server.py"), "hev"}};
  for (const auto& [program, protocol] : all) {
    gateway relay(program);
    start({"--udp-gateway", relay.address(), "--udp-gateway-protocol", protocol});
    udp_association association(port());
    relay.kill();
    EXPECT_EQ(association.control().receive_to_end().data, "") << protocol;
  }
}

TUNNEL_RUN_SCENARIO(UdpWay, every_daemon);

/// A server whose users find tunnel-relay.
class UdpHelper : public UdpWay {};

TEST_P(UdpHelper, IsTakenBeforeTheScript) {
  const udp_echo target;
  start_server({.config = {"SetEnv HOME=/nonexistent PATH=" TUNNEL_RELAY_FOLDER ":/usr/bin:/bin"}});
  start({});
  udp_association association(port());
  for (const std::size_t size : {1U, 1472U, 65497U})
    EXPECT_TRUE(association.echoes({"127.0.0.1", target.port()}, std::string(size, 'x'))) << size;
  EXPECT_TRUE(tunnel().logs("UDP goes by helper"));
  EXPECT_FALSE(tunnel().logs("script", 1, milliseconds(0)));
}

TUNNEL_RUN_SCENARIO(UdpHelper, openssh_only);

/// Servers of all kinds, which run commands or do not.
class UdpInterop : public scenario {
 protected:
  bool runs_commands() { return kind_of_server() != server_kind::erlang; }
};

TEST_P(UdpInterop, IsCarriedWhereCommandsAreRun) {
  const udp_echo target;
  start_tunnel({.arguments = {"--udp", "script"}});
  if (!runs_commands()) {
    EXPECT_EQ(ask_for_association(port()), reply::command_not_supported);
    return;
  }
  const udp_association association(port());
  for (const std::size_t size : {1U, 1472U, 65497U})
    EXPECT_TRUE(association.echoes({"127.0.0.1", target.port()}, std::string(size, 'x'))) << size;
}

TUNNEL_RUN_SCENARIO(UdpInterop, every_server);

}  // namespace
}  // namespace tunnel::integration
