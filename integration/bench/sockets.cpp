#include "sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tunnel::bench {
namespace {

int checked(int value, const char* what) {
  if (value < 0) throw std::system_error(errno, std::generic_category(), what);
  return value;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void send_at_once(int socket) {
  const int on = 1;
  checked(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

descriptor new_socket(int type) {
  return descriptor(checked(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
}

listener bind_to_loopback(descriptor socket) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  checked(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length), "bind");
  checked(getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return {std::move(socket), ntohs(address.sin_port)};
}

}  // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void descriptor::close() noexcept {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

listener listen_on_loopback(int backlog) {
  listener made = bind_to_loopback(new_socket(SOCK_STREAM));
  checked(listen(made.socket.get(), backlog), "listen");
  return made;
}

listener receive_datagrams_on_loopback() {
  listener made = bind_to_loopback(new_socket(SOCK_DGRAM));
  const int room = 4 * 1024 * 1024;
  checked(setsockopt(made.socket.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room), "SO_RCVBUF");
  return made;
}

void connect_datagrams(const descriptor& socket, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  checked(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
}

descriptor connect_to_loopback(std::uint16_t port) {
  descriptor made = new_socket(SOCK_STREAM);
  send_at_once(made.get());
  const sockaddr_in address = loopback(port);
  if (connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS && errno != ECONNREFUSED) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  return made;
}

descriptor accept_from(const descriptor& socket) {
  const int accepted = accept4(socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) {
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return {};
    throw std::system_error(errno, std::generic_category(), "accept");
  }
  descriptor made(accepted);
  send_at_once(accepted);
  return made;
}

std::uint16_t free_port() {
  return listen_on_loopback(1).port;
}

int pending_error(int socket) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &value, &length) != 0) return errno;
  return value;
}

poller::poller()
    : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  add(wake_.get(), EPOLLIN);
}

void poller::add(int number, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = number;
  checked(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, number, &event), "epoll_ctl");
}

void poller::modify(int number, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = number;
  checked(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, number, &event), "epoll_ctl");
}

void poller::remove(int number) {
  checked(epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, number, nullptr), "epoll_ctl");
}

std::span<const epoll_event> poller::wait(clock::time_point until) {
  const auto left = std::max(until - clock::now(), clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
  const int count =
      epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  const auto ready =
      std::span<const epoll_event>(events_).first(static_cast<std::size_t>(std::max(count, 0)));
  const auto is_wake = [&](const epoll_event& event) { return event.data.fd == wake_.get(); };
  interrupted_ = interrupted_ || std::ranges::any_of(ready, is_wake);
  return interrupted_ ? ready.first(0) : ready;
}

void poller::interrupt() {
  const std::uint64_t one = 1;
  checked(static_cast<int>(write(wake_.get(), &one, sizeof one)), "eventfd");
}

}  // namespace tunnel::bench
