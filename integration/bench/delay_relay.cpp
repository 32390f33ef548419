#include "delay_relay.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <list>
#include <unordered_map>

#include "delay_pipe.hpp"

namespace tunnel::bench {
namespace {

/// One socket of a connection, and what epoll was last told about it.
class endpoint {
 public:
  endpoint(poller& events, descriptor socket) : poller_(&events), socket_(std::move(socket)) {}

  [[nodiscard]] int number() const { return socket_.get(); }
  void hang_up() { hung_up_ = true; }

  // Closing would not do: a child of this process that has yet to call exec may hold the socket too, and
  // epoll reports it for as long as anyone does.
  void forget() {
    if (watched_) poller_->remove(number());
    watched_ = false;
  }

  void expect(std::uint32_t events) {
    // A hang-up is reported for as long as the socket is watched, so one of no further use must not be.
    const bool watch = events != 0 || !hung_up_;
    if (watch && !watched_) {
      poller_->add(number(), events);
    } else if (!watch && watched_) {
      poller_->remove(number());
    } else if (watch && events != expected_) {
      poller_->modify(number(), events);
    }
    watched_ = watch;
    expected_ = events;
  }

 private:
  poller* poller_;
  descriptor socket_;
  bool watched_ = false;
  bool hung_up_ = false;
  std::uint32_t expected_ = 0;
};

std::uint32_t interest(const delay_pipe& in, const delay_pipe& out, clock::time_point now) {
  return (in.wants_read(now) ? EPOLLIN : 0U) | (out.is_blocked() ? EPOLLOUT : 0U);
}

/// One connection: to the SSH client at once, to the server when a handshake would have reached it.
class relayed {
 public:
  struct path {
    link up;
    link down;
    chunk_pool pool;
  };

  relayed(poller& events, path& way, descriptor client, clock::time_point opens_at)
      : opens_at_(opens_at),
        client_(events, std::move(client)),
        server_(events, {}),
        up_(way.up, way.pool, opens_at),
        down_(way.down, way.pool, opens_at) {}

  [[nodiscard]] int client() const { return client_.number(); }
  [[nodiscard]] int server() const { return server_.number(); }
  [[nodiscard]] bool is_over() const { return broken_ || (up_.is_over() && down_.is_over()); }
  [[nodiscard]] bool must_open(clock::time_point now) const { return server() < 0 && opens_at_ <= now; }

  void open(poller& events, descriptor server) { server_ = endpoint(events, std::move(server)); }

  void on_event(int number, std::uint32_t events, clock::time_point now) {
    const bool is_client = number == client();
    delay_pipe& in = is_client ? up_ : down_;
    delay_pipe& out = is_client ? down_ : up_;
    if ((events & EPOLLHUP) != 0) (is_client ? client_ : server_).hang_up();
    if ((events & EPOLLERR) != 0) broken_ = true;
    if ((events & (EPOLLIN | EPOLLHUP)) != 0 && in.wants_read(now) && !in.read_from(number, now))
      broken_ = true;
    if ((events & EPOLLOUT) != 0 && !out.write_to(number, now)) broken_ = true;
  }

  // Delivers what is due and tells epoll what to wait for.
  void proceed(clock::time_point now) {
    if (!down_.is_blocked() && !down_.write_to(client(), now)) broken_ = true;
    client_.expect(interest(up_, down_, now));
    if (server() < 0) return;
    if (!up_.is_blocked() && !up_.write_to(server(), now)) broken_ = true;
    server_.expect(interest(down_, up_, now));
  }

  void forget() {
    client_.forget();
    server_.forget();
  }

  [[nodiscard]] clock::time_point next_due(clock::time_point now) const {
    if (server() < 0) return opens_at_;
    return std::min(up_.next_due(now), down_.next_due(now));
  }

 private:
  clock::time_point opens_at_;
  endpoint client_;
  endpoint server_;
  delay_pipe up_;
  delay_pipe down_;
  bool broken_ = false;
};

/// All connections of one relay.
class exchange {
 public:
  exchange(poller& events, std::uint16_t target, path_shape shape)
      : poller_(events), target_(target), shape_(shape), path_{link(shape), link(shape), {}} {}

  void add(descriptor client, clock::time_point now) {
    // SYN, SYN and ACK, ACK: the server's side has the connection after three trips.
    const int number = client.get();
    connections_.emplace_back(poller_, path_, std::move(client), now + 3 * shape_.one_way);
    by_number_.emplace(number, &connections_.back());
  }

  void on_event(const epoll_event& event, clock::time_point now) {
    // A copy: the event is packed, and its members must not be referred to.
    const int number = event.data.fd;
    by_number_.at(number)->on_event(number, event.events, now);
  }

  /// Moves everything on; when to do so again at the latest.
  clock::time_point proceed(clock::time_point now) {
    auto due = clock::time_point::max();
    for (auto at = connections_.begin(); at != connections_.end();) {
      if (at->must_open(now)) open(*at);
      at->proceed(now);
      if (at->is_over()) {
        at->forget();
        by_number_.erase(at->client());
        by_number_.erase(at->server());
        at = connections_.erase(at);
      } else {
        due = std::min(due, at->next_due(now));
        ++at;
      }
    }
    return due;
  }

 private:
  void open(relayed& connection) {
    connection.open(poller_, connect_to_loopback(target_));
    by_number_.emplace(connection.server(), &connection);
  }

  poller& poller_;
  std::uint16_t target_;
  path_shape shape_;
  relayed::path path_;
  std::list<relayed> connections_;
  std::unordered_map<int, relayed*> by_number_;
};

}  // namespace

delay_relay::delay_relay(std::uint16_t target, path_shape shape)
    : target_(target), shape_(shape), listener_(listen_on_loopback()), thread_([this] { serve(); }) {}

delay_relay::~delay_relay() {
  poller_.interrupt();
  thread_.join();
}

void delay_relay::serve() {
  // The kernel may else add 50 us to every wait of this thread.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  exchange connections(poller_, target_, shape_);
  poller_.add(listener_.socket.get(), EPOLLIN);
  auto due = clock::time_point::max();
  while (!poller_.interrupted()) {
    const auto ready = poller_.wait(std::min(due, clock::now() + std::chrono::hours(1)));
    const auto now = clock::now();
    for (const epoll_event& event : ready) {
      if (event.data.fd != listener_.socket.get()) {
        connections.on_event(event, now);
        continue;
      }
      while (descriptor accepted = accept_from(listener_.socket)) connections.add(std::move(accepted), now);
    }
    due = connections.proceed(now);
  }
}

}  // namespace tunnel::bench
