#include <future>

#include "support/pattern.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class HalfClose : public scenario {};

TEST_P(HalfClose, DownloadGoesOnAfterTheClientHasEnded) {
  // Says nothing before the client's end has arrived.
  const origin target([](tcp_stream& client) {
    const auto got = client.receive_to_end();
    client.send(got.data + pattern(7).next(mebibyte));
  });
  start_tunnel();
  const auto stream = connect_through(port(), {"127.0.0.1", target.port()});
  stream.send("question");
  stream.shut_down_sending();
  const auto answer = stream.receive_to_end();
  EXPECT_EQ(answer.how, ending::end_of_stream);
  EXPECT_TRUE(answer.data == "question" + pattern(7).next(mebibyte)) << answer.data.size();
}

TEST_P(HalfClose, UploadGoesOnAfterTheTargetHasEnded) {
  std::promise<std::string> uploaded;
  const origin target([&](tcp_stream& client) {
    client.send("greeting");
    client.shut_down_sending();
    uploaded.set_value(client.receive_to_end().data);
  });
  start_tunnel();
  const auto stream = connect_through(port(), {"127.0.0.1", target.port()});
  const auto greeting = stream.receive_to_end();
  EXPECT_EQ(greeting.data, "greeting");
  EXPECT_EQ(greeting.how, ending::end_of_stream);
  stream.send(pattern(8).next(mebibyte));
  stream.shut_down_sending();
  auto arrived = uploaded.get_future();
  ASSERT_EQ(arrived.wait_for(patience), std::future_status::ready);
  const auto data = arrived.get();
  EXPECT_TRUE(data == pattern(8).next(mebibyte)) << data.size();
}

TUNNEL_RUN_SCENARIO(HalfClose, every_daemon);

}  // namespace
}  // namespace tunnel::integration
