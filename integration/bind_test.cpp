#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

constexpr socks_version every_version[] = {socks_version::v4, socks_version::v4a, socks_version::v5};

bool granted(reply code) {
  return code == reply::succeeded || code == reply::v4_granted;
}

class Bind : public scenario {
 protected:
  struct waiting_client {
    tcp_stream stream;
    /// Where the server listens for it.
    std::uint16_t port;
  };

  /// A client that was told where the server listens.
  waiting_client bind(const target& peer, socks_version version = socks_version::v5) {
    auto stream = send_request(port(), version, peer, socks_command::bind);
    const auto first = read_bound_reply(stream, version);
    EXPECT_TRUE(granted(first.code)) << first.code;
    EXPECT_EQ(first.bound.host, "127.0.0.1");
    return {std::move(stream), first.bound.port};
  }

  /// The server's port is given up. Dropbear goes on listening, and hears that nobody takes whom it
  /// announces.
  void expect_shut(std::uint16_t port) {
    if (kind_of_server() == server_kind::openssh) {
      EXPECT_TRUE(eventually([&] { return refuses(port); }));
    } else {
      EXPECT_EQ(tcp_stream::connect("127.0.0.1", port).receive_to_end().data, "");
    }
  }

  static bool refuses(std::uint16_t port) {
    try {
      tcp_stream::connect("127.0.0.1", port);
      return false;
    } catch (const std::system_error&) {
      return true;
    }
  }

  bool tells_who_came() { return engine() == "native"; }
};

TEST_P(Bind, CarriesAConnectionFromTheServersSide) {
  start_tunnel();
  for (const auto version : every_version) {
    // SOCKS4a differs from SOCKS4 by the name.
    const target named{version == socks_version::v4a ? "localhost" : "127.0.0.1", 21};
    auto [client, listening] = bind(named, version);
    const auto visitor = tcp_stream::connect("127.0.0.1", listening);
    const auto second = read_bound_reply(client, version);
    EXPECT_TRUE(granted(second.code)) << second.code;
    if (tells_who_came()) {
      EXPECT_EQ(second.bound.host, "127.0.0.1");
      EXPECT_EQ(second.bound.port, visitor.local_port());
    } else {
      const bool by_name = version == socks_version::v4a;
      EXPECT_EQ(second.bound.host, by_name ? "0.0.0.0" : "127.0.0.1");
      EXPECT_EQ(second.bound.port, by_name ? 0 : 21);
    }
    visitor.send("from the peer");
    EXPECT_EQ(client.receive_exactly(13), "from the peer");
    client.send("from the client");
    client.shut_down_sending();
    EXPECT_EQ(visitor.receive_to_end().data, "from the client");
    visitor.send("the end");
    visitor.shut_down_sending();
    EXPECT_EQ(client.receive_to_end().data, "the end");
    expect_shut(listening);
  }
  EXPECT_TRUE(tunnel().logs("both sides closed", 3));
}

TEST_P(Bind, LetsOneIn) {
  start_tunnel();
  auto [client, listening] = bind({"0.0.0.0", 0});
  const auto visitor = tcp_stream::connect("127.0.0.1", listening);
  EXPECT_EQ(read_bound_reply(client, socks_version::v5).code, reply::succeeded);
  expect_shut(listening);
  visitor.send("still here");
  EXPECT_EQ(client.receive_exactly(10), "still here");
}

TEST_P(Bind, LetsTheNamedPeerInAlone) {
  start_tunnel();
  auto [client, listening] = bind({"127.0.0.2", 21});
  const auto first = tcp_stream::connect_from("127.0.0.1", "127.0.0.1", listening);
  if (!tells_who_came()) {
    EXPECT_EQ(read_bound_reply(client, socks_version::v5).bound.host, "127.0.0.2");
    EXPECT_TRUE(tunnel().logs("cannot tell who connected"));
    return;
  }
  EXPECT_EQ(first.receive_to_end().data, "");
  EXPECT_FALSE(client.readable(milliseconds(0)));
  const auto second = tcp_stream::connect_from("127.0.0.2", "127.0.0.1", listening);
  const auto told = read_bound_reply(client, socks_version::v5);
  EXPECT_EQ(told.code, reply::succeeded);
  EXPECT_EQ(told.bound.host, "127.0.0.2");
  EXPECT_EQ(told.bound.port, second.local_port());
}

TEST_P(Bind, ServesSeveralClientsAtOnce) {
  start_tunnel();
  auto [first, first_port] = bind({"0.0.0.0", 0});
  auto [second, second_port] = bind({"0.0.0.0", 0});
  const origin target(echo());
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "meanwhile"));
  const auto to_second = tcp_stream::connect("127.0.0.1", second_port);
  const auto to_first = tcp_stream::connect("127.0.0.1", first_port);
  to_first.send("1");
  to_second.send("2");
  EXPECT_EQ(read_bound_reply(first, socks_version::v5).code, reply::succeeded);
  EXPECT_EQ(read_bound_reply(second, socks_version::v5).code, reply::succeeded);
  EXPECT_EQ(first.receive_exactly(1), "1");
  EXPECT_EQ(second.receive_exactly(1), "2");
}

TEST_P(Bind, StopsListeningWhenTheClientLeaves) {
  start_tunnel();
  auto [client, listening] = bind({"0.0.0.0", 0});
  client.close();
  EXPECT_TRUE(tunnel().logs("the client left before anybody connected"));
  expect_shut(listening);
}

TEST_P(Bind, AnswersGeneralFailureWhenTheServerGoes) {
  start_tunnel();
  auto [client, listening] = bind({"0.0.0.0", 0});
  server().stop();
  EXPECT_EQ(read_bound_reply(client, socks_version::v5).code, reply::general_failure);
  EXPECT_EQ(client.receive_to_end().how, ending::end_of_stream);
}

TUNNEL_RUN_SCENARIO(Bind, every_daemon);

/// What only OpenSSH's sshd can be told.
class BindPolicy : public Bind {};

TEST_P(BindPolicy, IsRefusedWhereForwardingIs) {
  start_server({.config = {"AllowTcpForwarding local"}});
  start_tunnel();
  for (const auto version : every_version) {
    const auto client = send_request(port(), version, {"127.0.0.1", 0}, socks_command::bind);
    const auto refused = version == socks_version::v5 ? reply::not_allowed : reply::v4_rejected;
    EXPECT_EQ(read_bound_reply(client, version).code, refused);
    EXPECT_EQ(client.receive_to_end().how, ending::end_of_stream);
  }
  EXPECT_TRUE(tunnel().logs("AllowTcpForwarding", 3));
}

TEST_P(BindPolicy, IsRefusedWithoutAnyForwarding) {
  start_server({.config = {"DisableForwarding yes"}});
  start_tunnel();
  const auto client = send_request(port(), socks_version::v5, {"127.0.0.1", 0}, socks_command::bind);
  EXPECT_EQ(read_bound_reply(client, socks_version::v5).code, reply::not_allowed);
}

TEST_P(BindPolicy, WithoutGatewayPortsIsForTheServersMachineAlone) {
  start_tunnel();
  auto [client, listening] = bind({"0.0.0.0", 0});
  EXPECT_THROW(tcp_stream::connect("127.0.0.2", listening), std::system_error);
  const auto visitor = tcp_stream::connect("127.0.0.1", listening);
  EXPECT_EQ(read_bound_reply(client, socks_version::v5).code, reply::succeeded);
}

TEST_P(BindPolicy, WithGatewayPortsIsForEverybody) {
  for (const auto* policy : {"clientspecified", "yes"}) {
    start_server({.config = {std::string("GatewayPorts ") + policy}});
    start_tunnel();
    auto [client, listening] = bind({"0.0.0.0", 0});
    const auto visitor = tcp_stream::connect("127.0.0.2", listening);
    EXPECT_EQ(read_bound_reply(client, socks_version::v5).code, reply::succeeded) << policy;
  }
}

TUNNEL_RUN_SCENARIO(BindPolicy, openssh_only);

}  // namespace
}  // namespace tunnel::integration
