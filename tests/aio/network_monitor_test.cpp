#include "aio/network_monitor.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "in_child.hpp"
#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

TEST(NetworkMonitor, LetsGoOfItsExecutorWhenItGoes) {
  asio::io_context context;
  bool told = false;
  {
    const network_monitor monitor(context.get_executor(), [&](const char*) { told = true; });
    support::run_ready(context);
  }
  context.restart();
  context.run();
  EXPECT_FALSE(told) << "nothing had changed";
}

// In a network of its own, where the loopback is still down: bringing it up gives it its addresses.
int tell_of_a_new_address() {
  if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return 2;
  asio::io_context context;
  int told = 0;
  const network_monitor monitor(context.get_executor(), [&](const char*) { ++told; });
  support::run_ready(context);

  const int any_socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq interface {};
  std::strcpy(interface.ifr_name, "lo");
  interface.ifr_flags = IFF_UP;
  if (::ioctl(any_socket, SIOCSIFFLAGS, &interface) != 0) return 3;
  ::close(any_socket);
  if (!support::run_until(context, [&] { return told != 0; })) return 4;
  // IPv4's and IPv6's address and their routes came as one.
  return told == 1 ? 0 : 5;
}

TEST(NetworkMonitor, TellsOnceOfABurstOfChanges) {
  EXPECT_EQ(run_in_child(tell_of_a_new_address), 0);
}

}  // namespace
}  // namespace tunnel::aio
