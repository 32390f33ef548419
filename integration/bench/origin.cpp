#include "origin.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unordered_map>

#include "pattern.hpp"
#include "protocol.hpp"

namespace tunnel::bench {
namespace {

// What one flow may do before the next has its turn.
constexpr std::size_t turn = pattern_run;

enum class progress { waiting, over };

/// One flow, seen from the origin. Each call does at most one turn's worth.
class served_flow {
 public:
  explicit served_flow(descriptor socket) : socket_(std::move(socket)) {}

  [[nodiscard]] int number() const { return socket_.get(); }
  [[nodiscard]] std::uint32_t wanted() const {
    return (reading_ ? EPOLLIN : 0U) | (writing_ ? EPOLLOUT : 0U);
  }

  progress on_ready(std::uint32_t events) {
    if ((events & EPOLLERR) != 0) return progress::over;
    if (have_ < request_size) return read_request();
    switch (request_.kind) {
      case work::download:
        return (events & EPOLLOUT) != 0 ? send_stream() : await_end();
      case work::upload:
        return take_stream();
      case work::echo:
        return echo(events);
    }
    return progress::over;
  }

 private:
  // The number of octets received, 0 at the end of the stream, negative when the flow must wait or is broken.
  ssize_t receive(octet_span into) { return recv(number(), into.data(), into.size(), 0); }
  ssize_t transmit(octet_view data) { return send(number(), data.data(), data.size(), MSG_NOSIGNAL); }
  static progress after_failure() { return errno == EAGAIN ? progress::waiting : progress::over; }

  progress read_request() {
    const ssize_t count = receive(octet_span(head_).subspan(have_));
    if (count < 0) return after_failure();
    if (count == 0) return progress::over;
    have_ += static_cast<std::size_t>(count);
    if (have_ == request_size) {
      request_ = request::decode(head_);
      writing_ = request_.kind == work::download;
      reading_ = !writing_;
    }
    return progress::waiting;
  }

  progress send_stream() {
    const std::uint64_t left = request_.length - position_;
    const auto run = expected_octets(request_.seed, position_).first(std::min<std::uint64_t>(left, turn));
    const ssize_t count = transmit(run);
    if (count < 0) return after_failure();
    position_ += static_cast<std::uint64_t>(count);
    if (position_ == request_.length) end_of_answer();
    return progress::waiting;
  }

  // The peer closes first, so that no reset overtakes what it has yet to read.
  void end_of_answer() {
    shutdown(number(), SHUT_WR);
    writing_ = false;
    reading_ = true;
  }

  progress await_end() {
    std::array<octet, 64> ignored;
    const ssize_t count = receive(ignored);
    return count < 0 ? after_failure() : count == 0 ? progress::over : progress::waiting;
  }

  progress take_stream() {
    static thread_local std::array<octet, turn> buffer;
    const ssize_t count = receive(buffer);
    if (count < 0) return after_failure();
    if (count == 0) return answer_upload();
    const auto data = octet_view(buffer).first(static_cast<std::size_t>(count));
    // A wrong octet stops the count for good: the flow sees a verdict that is too small.
    right_ = right_ && is_expected(request_.seed, position_, data);
    if (right_) position_ += data.size();
    return progress::waiting;
  }

  progress answer_upload() {
    std::array<octet, number_size> verdict;
    put_number(verdict, position_);
    // Nothing was sent before, so there is room, and everything has been read: closing ends the stream.
    transmit(verdict);
    return progress::over;
  }

  progress echo(std::uint32_t events) {
    if ((events & EPOLLOUT) == 0) {
      const ssize_t count = receive(echo_);
      if (count < 0) return after_failure();
      if (count == 0) return progress::over;
      echo_begin_ = 0;
      echo_end_ = static_cast<std::size_t>(count);
    }
    const ssize_t count = transmit(octet_view(echo_).subspan(echo_begin_, echo_end_ - echo_begin_));
    if (count < 0 && errno != EAGAIN) return progress::over;
    echo_begin_ += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    writing_ = echo_begin_ < echo_end_;
    reading_ = !writing_;
    return progress::waiting;
  }

  descriptor socket_;
  bool reading_ = true;
  bool writing_ = false;
  std::array<octet, request_size> head_{};
  std::size_t have_ = 0;
  request request_;
  std::uint64_t position_ = 0;
  bool right_ = true;
  std::array<octet, 512> echo_{};
  std::size_t echo_begin_ = 0;
  std::size_t echo_end_ = 0;
};

}  // namespace

origin::origin() : listener_(listen_on_loopback()), thread_([this] { serve(); }) {}

origin::~origin() {
  poller_.interrupt();
  thread_.join();
}

void origin::serve() {
  std::unordered_map<int, served_flow> flows;
  poller_.add(listener_.socket.get(), EPOLLIN);
  while (!poller_.interrupted()) {
    for (const epoll_event& event : poller_.wait(clock::now() + std::chrono::hours(1))) {
      // A copy: the event is packed, and its members must not be referred to.
      const int number = event.data.fd;
      if (number == listener_.socket.get()) {
        while (descriptor accepted = accept_from(listener_.socket)) {
          const int added = accepted.get();
          poller_.add(added, EPOLLIN);
          flows.emplace(added, std::move(accepted));
        }
        continue;
      }
      served_flow& flow = flows.at(number);
      const std::uint32_t before = flow.wanted();
      if (flow.on_ready(event.events) == progress::over) {
        // A child of this process that has yet to call exec may hold the socket too, so closing would not do.
        poller_.remove(number);
        flows.erase(number);
      } else if (flow.wanted() != before) {
        poller_.modify(number, flow.wanted());
      }
    }
  }
}

}  // namespace tunnel::bench
