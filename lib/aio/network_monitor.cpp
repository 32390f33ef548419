#include "aio/network_monitor.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace tunnel::aio {

namespace {

// How often the two clocks are compared: a wake-up is noticed at most this much later.
constexpr auto clock_interval = std::chrono::seconds(2);
// A sleep shorter than this leaves connections as they were.
constexpr auto noticeable_sleep = std::chrono::seconds(3);
// A new network comes as a burst of events; the last one is the one to act on.
constexpr auto settle_time = std::chrono::milliseconds(300);

std::chrono::nanoseconds read_clock(clockid_t which) {
  timespec now{};
  clock_gettime(which, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::chrono::nanoseconds time_asleep() {
  return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
}

int open_netlink() {
  const int descriptor = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (descriptor < 0) return -1;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

network_monitor::network_monitor(asio::any_io_executor executor, handler changed)
    : changed_(std::move(changed)),
      netlink_(executor),
      clock_timer_(executor),
      settle_timer_(executor),
      asleep_(time_asleep()) {
  if (const int descriptor = open_netlink(); descriptor >= 0) {
    netlink_.assign(descriptor);
    watch_netlink();
  }
  watch_clock();
}

void network_monitor::watch_netlink() {
  netlink_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code failure) {
    if (failure) return;
    // That something changed is all that matters: the messages are read to be out of the way, and a
    // full queue (ENOBUFS) is a change like any other.
    std::array<char, 8192> ignored{};
    while (::recv(netlink_.native_handle(), ignored.data(), ignored.size(), 0) > 0) continue;
    settle();
    watch_netlink();
  });
}

void network_monitor::settle() {
  settle_timer_.expires_after(settle_time);
  settle_timer_.async_wait([this](boost::system::error_code failure) {
    if (!failure) changed_("the network changed");
  });
}

void network_monitor::watch_clock() {
  clock_timer_.expires_after(clock_interval);
  clock_timer_.async_wait([this](boost::system::error_code failure) {
    if (failure) return;
    const auto asleep = time_asleep();
    if (asleep - asleep_ >= noticeable_sleep) changed_("the machine slept");
    asleep_ = asleep;
    watch_clock();
  });
}

}  // namespace tunnel::aio
