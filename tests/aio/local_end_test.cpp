#include "aio/local_end.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/descriptor.hpp"
#include "in_child.hpp"

namespace tunnel::aio {
namespace {

const tcp::endpoint here(asio::ip::address_v4::loopback(), 40000);
const tcp::endpoint server(asio::ip::make_address("127.0.0.2"), 22);
// Of a network for documentation (RFC 5737 section 3): no machine's own.
const tcp::endpoint elsewhere(asio::ip::make_address("192.0.2.7"), 40000);

TEST(LocalEnd, IsInPlaceWhileItsAddressIsThisMachines) {
  EXPECT_EQ(look_at_local_end(here, server), local_end::in_place);
}

TEST(LocalEnd, IsWithoutAddressOnceThatIsNoLongerThisMachines) {
  EXPECT_EQ(look_at_local_end(elsewhere, server), local_end::without_address);
}

// In a network of its own, where nothing is up yet.
int look_without_network() {
  if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return 2;
  if (look_at_local_end(elsewhere, server) != local_end::without_route) return 3;
  const descriptor any_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq interface {};
  std::strcpy(interface.ifr_name, "lo");
  interface.ifr_flags = IFF_UP;
  if (::ioctl(any_socket.get(), SIOCSIFFLAGS, &interface) != 0) return 4;
  return look_at_local_end(elsewhere, server) == local_end::without_address ? 0 : 5;
}

TEST(LocalEnd, IsWithoutRouteWhileNoAddressWouldDo) {
  EXPECT_EQ(run_in_child(look_without_network), 0);
}

}  // namespace
}  // namespace tunnel::aio
