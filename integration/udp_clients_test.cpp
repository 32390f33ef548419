#include <gmock/gmock.h>

#include "support/scenario.hpp"
#include "support/udp_forwarder.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

/// Other people's programs over UDP.
class UdpClients : public scenario {
 protected:
  void start() {
    start_server({.hosts = {"127.0.0.1 known-to-the-server.test"}});
    start_tunnel({.arguments = {"--udp", "script"}});
  }

  /// openssl over DTLS, which says what say() gives it and prints what it hears.
  command talker(const std::string& name, const std::string& arguments) {
    const auto pipe = (files() / name).string();
    // Opened both ways a pipe has no end.
    return {.arguments = {"sh", "-c",
                          "mkfifo " + pipe + "; exec openssl " + arguments + " -dtls -quiet <>" + pipe}};
  }

  void say(const std::string& name, const std::string& line) {
    const auto pipe = files() / name;
    ASSERT_TRUE(eventually([&] { return std::filesystem::is_fifo(pipe); }));
    write_file(pipe, line + '\n');
  }
};

TEST_P(UdpClients, PySocksSendsToAddressesAndNames) {
  const udp_echo target;
  start();
  const auto number = std::to_string(target.port());
  for (const auto* host : {"127.0.0.1", "known-to-the-server.test"}) {
    const auto got = run({.arguments = {"/usr/bin/python3", TUNNEL_INTEGRATION "/clients/pysocks_udp.py",
                                        std::to_string(port()), host, number, "hello"}});
    EXPECT_EQ(got.output, "hello 127.0.0.1 " + number + '\n') << got.errors;
  }
}

TEST_P(UdpClients, SocksifyCarriesAProgramThatKnowsNothingOfIt) {
  const udp_echo target;
  start();
  const auto config = files() / "socks.conf";
  // Addresses of this machine it would reach without a proxy.
  write_file(
      config,
      "resolveprotocol: fake\nroute {\n  from: 0.0.0.0/0 to: 0.0.0.0/0 via: 127.0.0.1 port = " +
          std::to_string(port()) +
          "\n  proxyprotocol: socks_v5\n  protocol: udp\n  command: udpassociate\n  method: none\n}\n");
  const auto number = std::to_string(target.port());
  const auto got =
      run({.arguments = {"socksify", "/usr/bin/python3", TUNNEL_INTEGRATION "/clients/plain_udp.py",
                         "known-to-the-server.test", number, "hello"},
           .environment = {{"SOCKS_CONF", config.string()}}});
  EXPECT_EQ(got.output, "hello 127.0.0.1 " + number + '\n') << got.errors;
  EXPECT_TRUE(tunnel().logs("1 datagrams (5 B) up, 1 (5 B) down")) << tunnel().log();
}

TEST_P(UdpClients, DigAsksDnsmasq) {
  start();
  const auto dns_port = free_port();
  process dnsmasq(
      {.arguments = {"dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                     "--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file=", "--user=root",
                     "--port=" + std::to_string(dns_port), "--address=/answer.test/192.0.2.7"}});
  const udp_forwarder forwarder(port(), {"127.0.0.1", dns_port});
  // It asks again until dnsmasq is up.
  const auto got = run({.arguments = {"dig", "+short", "+tries=10", "+time=1", "-p",
                                      std::to_string(forwarder.port()), "@127.0.0.1", "answer.test"}});
  EXPECT_EQ(got.output, "192.0.2.7\n") << got.errors << dnsmasq.errors();
}

TEST_P(UdpClients, DtlsGetsThrough) {
  start();
  const auto key = files() / "key.pem";
  const auto certificate = files() / "certificate.pem";
  run({.arguments = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-subj", "/CN=dtls.test", "-keyout", key.string(), "-out",
                     certificate.string()}});
  const auto server_port = free_port();
  const process dtls_server(talker("server", "s_server -accept 127.0.0.1:" + std::to_string(server_port) +
                                                 " -key " + key.string() + " -cert " + certificate.string()));
  const udp_forwarder forwarder(port(), {"127.0.0.1", server_port});
  const process client(talker(
      "client", "s_client -verify_return_error -connect 127.0.0.1:" + std::to_string(forwarder.port()) +
                    " -CAfile " + certificate.string()));
  say("client", "from the client");
  EXPECT_TRUE(eventually([&] { return dtls_server.output() == "from the client\n"; }))
      << client.errors() << dtls_server.errors();
  say("server", "from the server");
  EXPECT_TRUE(eventually([&] { return client.output() == "from the server\n"; }))
      << client.errors() << dtls_server.errors();
}

TUNNEL_RUN_SCENARIO(UdpClients, every_daemon);

}  // namespace
}  // namespace tunnel::integration
