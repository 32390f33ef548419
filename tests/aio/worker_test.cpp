#include "aio/worker.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

TEST(Worker, RunsWhatIsPostedOnAThreadOfItsOwn) {
  worker made("ssh-1");
  std::thread::id seen;
  support::call_on(made.get_executor(), [&] { seen = std::this_thread::get_id(); });
  EXPECT_NE(seen, std::thread::id());
  EXPECT_NE(seen, std::this_thread::get_id());
}

TEST(Worker, NamesItsThreadAsFarAsThereIsRoom) {
  worker made("a name that is too long");
  std::array<char, 16> name{};
  support::call_on(made.get_executor(),
                   [&] { pthread_getname_np(pthread_self(), name.data(), name.size()); });
  EXPECT_STREQ(name.data(), "a name that is ");
}

TEST(Worker, LeavesSignalsToOtherThreads) {
  worker made("ssh-1");
  int blocked = 0;
  support::call_on(made.get_executor(), [&] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = sigismember(&mask, SIGTERM);
  });
  EXPECT_EQ(blocked, 1);
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(sigismember(&mine, SIGTERM), 0);
}

TEST(Worker, MayBeJoinedTwice) {
  worker made("ssh-1");
  made.join();
  made.join();
}

TEST(Worker, LeavesWhatIsPendingUndone) {
  bool ran = false;
  {
    worker made("ssh-1");
    made.join();
    asio::post(made.get_executor(), [&] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace tunnel::aio
