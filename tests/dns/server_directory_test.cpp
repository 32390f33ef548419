#include "dns/server_directory.hpp"

#include <gtest/gtest.h>

#include "dns/errors.hpp"
#include "name_servers.hpp"

namespace tunnel::dns {
namespace {

using namespace testing_support;
using support::started;

class ServerDirectory : public name_servers {
 protected:
  ~ServerDirectory() override {
    directory_->close();
    pool_->close();
    directory_.reset();
  }

  started<result<octets>> ask(std::size_t server, const std::string& name = "a.test") {
    return {context_, directory_->exchange(address(server), plain_query(7, name))};
  }

  static ssh::endpoint address(std::size_t server) { return {"192.0.2." + std::to_string(server), 53}; }

  std::shared_ptr<server_directory> directory_ =
      std::make_shared<server_directory>(context_.get_executor(), *pool_, [this] { return next_id_++; });
};

TEST_F(ServerDirectory, AsksTheServerThatIsNamed) {
  auto first = ask(1);
  ASSERT_TRUE(comes(0, 1));
  answer(0, 0, "a.test");
  EXPECT_TRUE(first.wait());
  auto second = ask(2);
  ASSERT_TRUE(comes(1, 1));
  answer(1, 0, "a.test");
  EXPECT_TRUE(second.wait());
  // The channel is still there.
  auto third = ask(1, "b.test");
  ASSERT_TRUE(comes(0, 2));
  answer(0, 1, "b.test");
  EXPECT_TRUE(third.wait());
  on_server([&] { EXPECT_EQ(asked_for_, (std::vector{address(1).text(), address(2).text()})); });
}

TEST_F(ServerDirectory, ForgetsNoServerThatIsBeingAsked) {
  constexpr std::size_t many = server_directory::max_servers + 8;
  std::vector<started<result<octets>>> asking;
  for (std::size_t i = 0; i < many; ++i) {
    asking.push_back(ask(1 + i));
    ASSERT_TRUE(comes(i, 1));
  }
  for (std::size_t i = 0; i < many; ++i) {
    answer(i, 0, "a.test");
    EXPECT_TRUE(asking[i].wait()) << i;
  }
  // Now there is room to be made.
  auto one_more = ask(200);
  ASSERT_TRUE(comes(many, 1));
  EXPECT_TRUE(support::run_until(context_, [&] {
    bool gone = false;
    on_server([&] { gone = channels_[0]->destroyed(); });
    return gone;
  }));
  answer(many, 0, "a.test");
  EXPECT_TRUE(one_more.wait());
}

TEST_F(ServerDirectory, AsksNothingOnceClosed) {
  directory_->close();
  EXPECT_EQ(ask(1).wait().error().code, errc::no_server);
}

}  // namespace
}  // namespace tunnel::dns
