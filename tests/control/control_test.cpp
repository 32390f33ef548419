#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>
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

// What came back to a client of another user's, which says `said` once the socket's permissions let it.
std::string asked_as_nobody(const std::string& path, std::string_view said) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) return "no pipe";
  // Nothing in the child needs memory or locks: there are other threads.
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), std::begin(place.sun_path));
  const pid_t client = ::fork();
  if (client == 0) {
    constexpr uid_t nobody = 65534;
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = ::setresuid(nobody, nobody, nobody) == 0 &&
                           ::connect(socket, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
    if (!connected) ::_exit(1);
    static_cast<void>(!::send(socket, said.data(), said.size(), MSG_NOSIGNAL));
    char room[64];
    for (ssize_t count = 1; (count = ::read(socket, room, sizeof room)) > 0;)
      static_cast<void>(!::write(ends[1], room, static_cast<std::size_t>(count)));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string answer;
  char octet = 0;
  while (::read(ends[0], &octet, 1) == 1) answer += octet;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(client, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? answer : "not connected";
}

TEST_F(Control, IsItsOwnersAloneWhateverThePathAllows) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  ASSERT_TRUE(listen(path_));
  ASSERT_EQ(::chmod(folder_.path(".").c_str(), 0755), 0);
  EXPECT_EQ(asked_as_nobody(path_, "status\n"), "not connected");
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  EXPECT_EQ(asked_as_nobody(path_, "status\n"), "");
  on_server([this] { EXPECT_TRUE(asked_.empty()); });
}

TEST_F(Control, IsNotHeldUpByClientsThatSayNothing) {
  ASSERT_TRUE(listen(path_));
  asio::io_context context;
  std::vector<asio::local::stream_protocol::socket> silent;
  for (std::size_t count = 1; count < server::max_clients; ++count)
    silent.emplace_back(context).connect(asio::local::stream_protocol::endpoint(path_));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(ask(path_, request::check));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, server::request_limit);
}

TEST_F(Control, HearsOthersOnceSilentClientsHaveGone) {
  ASSERT_TRUE(listen(path_));
  {
    asio::io_context context;
    std::vector<asio::local::stream_protocol::socket> silent;
    for (std::size_t count = 0; count < server::max_clients; ++count)
      silent.emplace_back(context).connect(asio::local::stream_protocol::endpoint(path_));
  }
  EXPECT_TRUE(ask(path_, request::check));
}

TEST_F(Control, LeavesTheSocketOfAnotherThatTookItsPlace) {
  ASSERT_TRUE(listen(path_));
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  server second(worker_.get_executor(), [](request) { return server::answer{{true, "second\n"}, {}}; });
  on_server([&] {
    EXPECT_TRUE(second.listen(path_));
    server_->close();
  });
  const auto answer = ask(path_, request::check);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "second\n");
  on_server([&] { second.close(); });
}

TEST_F(Control, KnowsBeforehandWhetherAPlaceIsFree) {
  const auto executor = worker_.get_executor();
  EXPECT_TRUE(server::check(executor, path_));
  ASSERT_TRUE(listen(path_));
  const auto taken = server::check(executor, path_);
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr(path_ + " is another tunnel's"));
  EXPECT_TRUE(ask(path_, request::check)) << "and stays so";
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
