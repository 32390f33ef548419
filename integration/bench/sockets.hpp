#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <utility>

/// The few socket operations that the benchmark needs, on loopback only. Failures that would make every
/// figure meaningless (no descriptors, no ports) are thrown as std::system_error.
namespace tunnel::bench {

using clock = std::chrono::steady_clock;

/// Owns a file descriptor.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept;
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { close(); }

  [[nodiscard]] int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close() noexcept;

 private:
  int number_ = -1;
};

/// A socket that others know by its port.
struct listener {
  descriptor socket;
  std::uint16_t port = 0;
};

/// A non-blocking listener on a port of 127.0.0.1 that the kernel chooses.
listener listen_on_loopback(int backlog = 4096);

/// Begins to connect to a port of 127.0.0.1, without blocking: writable once connected.
descriptor connect_to_loopback(std::uint16_t port);

/// A non-blocking UDP socket at a port of 127.0.0.1 that the kernel chooses, with as much room for
/// datagrams that wait as it allows.
listener receive_datagrams_on_loopback();

/// From now on `socket` sends to that port of 127.0.0.1, and receives from nowhere else.
void connect_datagrams(const descriptor& socket, std::uint16_t port);

/// The next waiting connection, non-blocking and with TCP_NODELAY; empty when there is none.
descriptor accept_from(const descriptor& socket);

/// A port of 127.0.0.1 that was free just now, for a program that cannot choose one and tell.
std::uint16_t free_port();

/// What went wrong on a socket since it was last asked (SO_ERROR), 0 for nothing.
int pending_error(int socket);

/// Level-triggered epoll with deadlines in nanoseconds. One thread waits; any thread may interrupt.
class poller {
 public:
  poller();

  void add(int number, std::uint32_t events);
  void modify(int number, std::uint32_t events);
  void remove(int number);

  /// What became ready, with `data.fd` naming the descriptor; nothing when `until` passed first or
  /// when interrupted. Valid until the next call.
  std::span<const epoll_event> wait(clock::time_point until);

  /// Makes the present wait() and all later ones return at once. Thread-safe.
  void interrupt();
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  descriptor epoll_;
  descriptor wake_;
  bool interrupted_ = false;
  std::array<epoll_event, 256> events_{};
};

}  // namespace tunnel::bench
