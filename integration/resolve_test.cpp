#include "support/name_server.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

/// Tor's extension of SOCKS, with Tor's own client for it.
class Resolve : public scenario {
 protected:
  std::string tor_resolve(std::vector<std::string> options, const std::string& what) {
    std::vector<std::string> arguments{"tor-resolve"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {what, "127.0.0.1:" + std::to_string(port())});
    const auto got = run({.arguments = arguments});
    return got.exit_code == 0 ? got.output : "failed";
  }

  name_server names_{{"host-record=www.names.test,192.0.2.1,2001:db8::1",
                      "host-record=six.names.test,2001:db8::6",
                      "ptr-record=9.2.0.192.in-addr.arpa,nine.names.test", "address=/none.test/"}};
};

TEST_P(Resolve, FindsAddressesForTorsClient) {
  start_tunnel({.arguments = {"--dns", names_.address()}});
  EXPECT_EQ(tor_resolve({}, "www.names.test"), "192.0.2.1\n");
  EXPECT_EQ(tor_resolve({"-4"}, "www.names.test"), "192.0.2.1\n");
  EXPECT_EQ(tor_resolve({}, "six.names.test"), "2001:db8::6\n");
  EXPECT_EQ(tor_resolve({}, "www.none.test"), "failed");
}

TEST_P(Resolve, FindsNamesForTorsClient) {
  start_tunnel({.arguments = {"--dns", names_.address()}});
  EXPECT_EQ(tor_resolve({"-x"}, "192.0.2.9"), "nine.names.test\n");
  EXPECT_EQ(tor_resolve({"-x"}, "192.0.2.99"), "failed");
}

TEST_P(Resolve, SaysInTheReplyThatThereIsNoSuchName) {
  start_tunnel({.arguments = {"--dns", names_.address()}});
  const auto client = tcp_stream::connect("127.0.0.1", port());
  client.send(v5_greeting() + std::string("\x05\xf0\x00\x03\x09none.test\x00\x00", 18));
  read_v5_method(client);
  EXPECT_EQ(read_v5_reply(client), reply::host_unreachable);
}

TEST_P(Resolve, TellsWhatWouldHelpWhereTheServerSaysNothing) {
  // A server that runs no commands but forwards, as many a jump host. Dropbear has no such setting; the name
  // server that it would ask is not there.
  start_server({.config = {"ForceCommand /bin/false"}, .resolv_conf = "nameserver 127.77.255.254\n"});
  start_tunnel();
  EXPECT_EQ(tor_resolve({}, "www.names.test"), "failed");
  const bool runs_nothing = kind_of_server() == server_kind::openssh;
  EXPECT_TRUE(tunnel().logs(runs_nothing ? "name a name server with --dns ADDRESS"
                                         : "127.77.255.254:53 cannot be reached"));
}

TUNNEL_RUN_SCENARIO(Resolve, every_daemon);

}  // namespace
}  // namespace tunnel::integration
