#include <gmock/gmock.h>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

class Handshake : public scenario {
 protected:
  tcp_stream dial() { return tcp_stream::connect("127.0.0.1", port()); }
  target echoing() { return {"127.0.0.1", echo_.port()}; }

  static void send_one_at_a_time(const tcp_stream& stream, const std::string& octets) {
    for (const char octet : octets) stream.send({&octet, 1});
  }

  origin echo_{echo()};
};

TEST_P(Handshake, TakesSocks5OneOctetAtATime) {
  start_tunnel();
  const auto proxy = dial();
  send_one_at_a_time(proxy, v5_greeting());
  read_v5_method(proxy);
  send_one_at_a_time(proxy, v5_request({"localhost", echo_.port()}));
  EXPECT_EQ(read_v5_reply(proxy), reply::succeeded);
  EXPECT_TRUE(echoes(proxy, "after the handshake"));
}

TEST_P(Handshake, TakesSocks4aOneOctetAtATime) {
  start_tunnel();
  const auto proxy = dial();
  send_one_at_a_time(proxy, v4_request({"localhost", echo_.port()}));
  EXPECT_EQ(read_v4_reply(proxy), reply::v4_granted);
  EXPECT_TRUE(echoes(proxy, "after the handshake"));
}

TEST_P(Handshake, PassesOnWhatCameWithASocks5RequestOnceAndInOrder) {
  start_tunnel();
  const auto proxy = dial();
  proxy.send(v5_greeting() + v5_request(echoing()) + "sent ahead, ");
  read_v5_method(proxy);
  EXPECT_EQ(read_v5_reply(proxy), reply::succeeded);
  proxy.send("sent after");
  proxy.shut_down_sending();
  EXPECT_EQ(proxy.receive_to_end().data, "sent ahead, sent after");
}

TEST_P(Handshake, PassesOnWhatCameWithASocks4RequestOnceAndInOrder) {
  start_tunnel();
  const auto proxy = dial();
  proxy.send(v4_request(echoing()) + "sent ahead, ");
  EXPECT_EQ(read_v4_reply(proxy), reply::v4_granted);
  proxy.send("sent after");
  proxy.shut_down_sending();
  EXPECT_EQ(proxy.receive_to_end().data, "sent ahead, sent after");
}

TEST_P(Handshake, RefusesWhatItCannotDo) {
  start_tunnel();
  const auto ask_for = [&](const std::string& request) {
    const auto proxy = dial();
    proxy.send(v5_greeting() + request);
    read_v5_method(proxy);
    return read_v5_reply(proxy);
  };
  std::string unknown_command = v5_request(echoing());
  unknown_command[1] = 9;
  EXPECT_EQ(ask_for(unknown_command), reply::command_not_supported);
  std::string unknown_atyp = v5_request(echoing());
  unknown_atyp[3] = 2;
  EXPECT_EQ(ask_for(unknown_atyp), reply::address_type_not_supported);

  const auto v4 = dial();
  unknown_command = v4_request(echoing());
  unknown_command[1] = 9;
  v4.send(unknown_command);
  EXPECT_EQ(read_v4_reply(v4), reply::v4_rejected);
  EXPECT_EQ(echo_.accepted(), 0U);
}

TEST_P(Handshake, TellsAWebBrowserWhatThisPortIs) {
  start_tunnel();
  const auto proxy = dial();
  proxy.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const auto page = proxy.receive_to_end();
  EXPECT_THAT(page.data, testing::MatchesRegex("HTTP/1\\.[01] 501 (.|\n)*")) << page.data;
  EXPECT_THAT(page.data, HasSubstr("SOCKS"));
  EXPECT_EQ(page.how, ending::end_of_stream);
}

TUNNEL_RUN_SCENARIO(Handshake, openssh_only);

}  // namespace
}  // namespace tunnel::integration
