#include "support/origin.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <system_error>
#include <utility>

#include "support/pattern.hpp"

namespace tunnel::integration {
namespace {

/// How long a target bears a client that does nothing. Longer than any test.
constexpr seconds idle_limit{300};

std::vector<tcp_listener> listen_on_both_loopbacks() {
  for (int attempts = 50;; --attempts) {
    std::vector<tcp_listener> listeners;
    listeners.emplace_back("127.0.0.1");
    try {
      listeners.emplace_back("::1", listeners.front().port());
      return listeners;
    } catch (const std::system_error&) {
      // The port is taken on ::1.
      if (attempts == 0) throw;
    }
  }
}

}  // namespace

origin::origin(handler serve)
    : serve_(std::move(serve)), listeners_(listen_on_both_loopbacks()), stop_(::eventfd(0, EFD_CLOEXEC)) {
  acceptor_ = std::thread([this] { accept_connections(); });
}

origin::~origin() {
  ::eventfd_write(stop_.get(), 1);
  acceptor_.join();
  listeners_.clear();
  {
    const std::lock_guard lock(guard_);
    for (const auto& stream : streams_) stream.shut_down();
  }
  for (auto& thread : threads_) thread.join();
}

void origin::accept_connections() {
  while (true) {
    std::array<pollfd, 3> waiting{pollfd{stop_.get(), POLLIN, 0},
                                  pollfd{listeners_[0].native_handle(), POLLIN, 0},
                                  pollfd{listeners_[1].native_handle(), POLLIN, 0}};
    ::poll(waiting.data(), waiting.size(), -1);
    if (waiting[0].revents != 0) return;
    for (std::size_t i = 0; i < listeners_.size(); ++i)
      if (waiting[i + 1].revents != 0) accept_one(listeners_[i]);
  }
}

void origin::accept_one(const tcp_listener& listener) {
  tcp_stream stream = listener.accept();
  ++accepted_;
  const std::lock_guard lock(guard_);
  const auto place = streams_.insert(streams_.end(), std::move(stream));
  threads_.emplace_back([this, place] {
    try {
      serve_(*place);
    } catch (const std::exception&) {
      // The client went away, or the test is over; the test looks at its own end of the connection.
    }
    const std::lock_guard erasing(guard_);
    streams_.erase(place);
  });
}

origin::handler echo() {
  return [](tcp_stream& client) {
    std::array<char, 65536> space;
    while (const auto count = client.receive_some(space, idle_limit))
      client.send({space.data(), count}, idle_limit);
  };
}

origin::handler web_page(std::string body) {
  return [body = std::move(body)](tcp_stream& client) {
    std::string request;
    std::array<char, 4096> space;
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto count = client.receive_some(space, idle_limit);
      if (count == 0) return;
      request.append(space.data(), count);
    }
    client.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
  };
}

origin::handler endless(std::uint64_t seed) {
  return [seed](tcp_stream& client) {
    pattern data(seed);
    while (true) client.send(data.next(65536), idle_limit);
  };
}

origin::handler silent() {
  return [](tcp_stream& client) {
    std::array<char, 65536> space;
    while (client.receive_some(space, idle_limit) > 0) {
    }
  };
}

}  // namespace tunnel::integration
