#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "aio/worker.hpp"
#include "control/client.hpp"
#include "control/server.hpp"
#include "support/event_loop.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A server in a thread of its own.
class Control : public testing::Test {
 protected:
  Control() {
    on_server([this] {
      server_.emplace(worker_.get_executor(), [this](request what) {
        asked_.push_back(what);
        if (what == request::stop) return server::answer{{false, "it cannot\n"}, {}};
        return server::answer{{true, "it is well\n"}, [this] { ++done_; }};
      });
    });
  }
  ~Control() override {
    on_server([this] { server_.reset(); });
    worker_.join();
  }

  void on_server(std::function<void()> action) {
    support::call_on(worker_.get_executor(), std::move(action));
  }

  result<void> listen(const std::string& path) {
    std::optional<result<void>> outcome;
    on_server([&] { outcome = server_->listen(path); });
    return *outcome;
  }

  support::temporary_folder folder_;
  std::string path_ = folder_.path("control");
  std::vector<request> asked_;
  int done_ = 0;
  aio::worker worker_{"control"};
  std::optional<server> server_;
};

TEST_F(Control, AnswersWhatItIsAsked) {
  ASSERT_TRUE(listen(path_));
  const auto well = ask(path_, request::status);
  ASSERT_TRUE(well);
  EXPECT_TRUE(well->succeeded);
  EXPECT_EQ(well->text, "it is well\n");
  const auto not_so = ask(path_, request::stop);
  ASSERT_TRUE(not_so);
  EXPECT_FALSE(not_so->succeeded);
  EXPECT_EQ(not_so->text, "it cannot\n");
  on_server([&] {
    EXPECT_THAT(asked_, ElementsAre(request::status, request::stop));
    EXPECT_EQ(done_, 1);
  });
}

TEST_F(Control, IsItsOwnersAlone) {
  ASSERT_TRUE(listen(path_));
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(Control, IsAnotherTunnelsWhereThatAnswers) {
  ASSERT_TRUE(listen(path_));
  on_server([&] {
    server second(worker_.get_executor(), [](request) { return server::answer{}; });
    const auto taken = second.listen(path_);
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().message, HasSubstr(path_ + " is another tunnel's"));
  });
  EXPECT_TRUE(ask(path_, request::check)) << "and stays so";
}

TEST_F(Control, ReplacesWhatATunnelLeftBehind) {
  {
    asio::io_context context;
    asio::local::stream_protocol::acceptor left(context, asio::local::stream_protocol::endpoint(path_));
  }
  ASSERT_TRUE(listen(path_));
  EXPECT_TRUE(ask(path_, request::check));
}

TEST_F(Control, LeavesFilesThatAreNoSockets) {
  std::ofstream(path_) << "a letter";
  EXPECT_FALSE(listen(path_));
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_size, 8);
}

TEST_F(Control, TakesItsFileAway) {
  ASSERT_TRUE(listen(path_));
  on_server([this] { server_->close(); });
  struct stat found {};
  EXPECT_NE(::stat(path_.c_str(), &found), 0);
  const auto asked = ask(path_, request::check);
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message, HasSubstr(path_));
}

TEST_F(Control, RefusesPathsThatAreTooLong) {
  const auto path = folder_.path(std::string(120, 'x'));
  EXPECT_FALSE(listen(path));
  EXPECT_FALSE(ask(path, request::check));
}

TEST_F(Control, RefusesWhatIsNoRequest) {
  ASSERT_TRUE(listen(path_));
  for (const auto& said : {std::string("dance\n"), std::string(100, 'x'), std::string("\n")}) {
    asio::io_context context;
    asio::local::stream_protocol::socket client(context);
    client.connect(asio::local::stream_protocol::endpoint(path_));
    asio::write(client, asio::buffer(said));
    std::string answer;
    boost::system::error_code ended;
    asio::read(client, asio::dynamic_buffer(answer), ended);
    EXPECT_THAT(answer, testing::AnyOf("", HasSubstr("failed\nthis tunnel does not know"))) << said;
  }
  EXPECT_TRUE(ask(path_, request::check));
}

TEST(ControlRequest, IsKnownByItsName) {
  for (const auto each : {request::check, request::status, request::stop, request::exit, request::reconnect})
    EXPECT_EQ(parse_request(name_of(each)), each);
  EXPECT_FALSE(parse_request("forward"));
}

}  // namespace
}  // namespace tunnel::control
