#include "ssh/native/core/remote_listeners.hpp"

#include <gtest/gtest.h>

namespace tunnel::ssh::native {
namespace {

TEST(RemoteListeners, AreFoundByTheirPort) {
  remote_listeners listeners;
  listeners.add({"127.0.0.1", 8080, false});
  listeners.add({"", 9090, false});
  ASSERT_NE(listeners.match(8080), nullptr);
  EXPECT_EQ(listeners.match(8080)->address, "127.0.0.1");
  EXPECT_EQ(listeners.match(9090)->address, "");
  EXPECT_EQ(listeners.match(1), nullptr);
}

TEST(RemoteListeners, AreFoundNoMoreOnceRemoved) {
  remote_listeners listeners;
  listeners.add({"localhost", 8080, false});
  listeners.remove("elsewhere", 8080);
  listeners.remove("localhost", 8081);
  EXPECT_NE(listeners.match(8080), nullptr);
  listeners.remove("localhost", 8080);
  EXPECT_EQ(listeners.match(8080), nullptr);
  listeners.remove("localhost", 8080);
}

TEST(RemoteListeners, OnAPortOfTheServersChoiceAreFoundByIt) {
  remote_listeners listeners;
  listeners.add({"localhost", 40001, true});
  ASSERT_NE(listeners.match(40001), nullptr);
  EXPECT_TRUE(listeners.match(40001)->chosen_by_server);
}

// AsyncSSH and Twisted announce the port 0 that was asked for.
TEST(RemoteListeners, AreFoundByPortZeroWhenOnlyOneCanBeMeant) {
  remote_listeners listeners;
  EXPECT_EQ(listeners.match(0), nullptr);
  listeners.add({"fixed", 8080, false});
  EXPECT_EQ(listeners.match(0), nullptr);
  listeners.add({"chosen", 40001, true});
  ASSERT_NE(listeners.match(0), nullptr);
  EXPECT_EQ(listeners.match(0)->address, "chosen");
  listeners.add({"chosen too", 40002, true});
  EXPECT_EQ(listeners.match(0), nullptr);
  listeners.remove("chosen", 40001);
  ASSERT_NE(listeners.match(0), nullptr);
  EXPECT_EQ(listeners.match(0)->address, "chosen too");
}

}  // namespace
}  // namespace tunnel::ssh::native
