#include "dns/server_channel.hpp"

#include <algorithm>
#include <utility>

#include "aio/rethrow.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "dns/errors.hpp"
#include "dns/message_splitter.hpp"
#include "dns/stream.hpp"
#include "ssh/errors.hpp"

namespace tunnel::dns {

namespace {

// The server's log shows it: there is no client of ours that a query could be put down to.
const ssh::endpoint originator{"127.0.0.1", 0};

error unreachable(const ssh::endpoint& server, const error& why) {
  const bool lost = why.code == ssh::errc::connection_lost;
  return {lost ? why.code : make_error_code(errc::no_answer),
          "the name server " + sanitise(server.text()) +
              " cannot be reached by TCP from the SSH server: " + why.message};
}

}  // namespace

server_channel::server_channel(asio::any_io_executor home, pool::pool& connections, ssh::endpoint server,
                               id_source ids)
    : home_(home),
      connections_(connections),
      server_(std::move(server)),
      queries_(std::move(ids)),
      idle_(home_) {}

result<std::uint16_t> server_channel::ask(octets query, query_table::handler done) {
  if (ending_) return error{errc::no_answer, "the tunnel is ending"};
  auto added = queries_.add(std::move(query), std::move(done), clock::now());
  if (!added) return added;
  idle_.cancel();
  if (state_ == state::closed) open();
  if (state_ == state::open) {
    octets framed;
    append_framed(framed, queries_.query(*added));
    send(std::move(framed));
  }
  return added;
}

void server_channel::forget(std::uint16_t id) {
  queries_.remove(id);
  if (queries_.size() == 0) wait_idle();
}

std::chrono::steady_clock::duration server_channel::silence() const {
  const auto oldest = queries_.oldest();
  if (!oldest || heard_ >= *oldest) return {};
  return clock::now() - *oldest;
}

// --- opening -----------------------------------------------------------------------------------------------

void server_channel::open() {
  state_ = state::opening;
  answered_ = false;
  strays_ = 0;
  asio::co_spawn(home_, connect(shared_from_this(), ++number_), aio::rethrow);
}

awaitable<void> server_channel::connect(std::shared_ptr<server_channel> self, unsigned number) {
  auto acquiring = self->connections_.acquire();
  auto held = co_await std::move(acquiring);
  if (!held) {
    self->on_failed(held.error(), number);
    co_return;
  }
  const auto executor = held->executor();
  asio::co_spawn(executor, run(std::move(*held), self, self->home_, self->server_, number), aio::rethrow);
}

// On the lease's executor. What belongs to `home` is used there alone, and destroyed there.
awaitable<void> server_channel::run(pool::lease held, std::weak_ptr<server_channel> owner,
                                    asio::any_io_executor home, ssh::endpoint server, unsigned number) {
  auto opening = held.open_direct_tcpip(server, originator, try_limit);
  auto opened = co_await std::move(opening);
  if (!opened) {
    asio::post(home, [owner, why = opened.error(), number] {
      if (const auto self = owner.lock()) self->on_failed(unreachable(self->server_, why), number);
    });
    co_return;
  }
  stream::events told;
  told.messages = [owner, home, number](std::vector<octets> messages) {
    asio::post(home, [owner, number, messages = std::move(messages)]() mutable {
      if (const auto self = owner.lock()) self->on_messages(std::move(messages), number);
    });
  };
  told.over = [owner, home, number] {
    asio::post(home, [owner, number] {
      if (const auto self = owner.lock()) self->on_over(number);
    });
  };
  const auto executor = held.executor();
  const auto made = std::make_shared<stream>(std::move(held), std::move(*opened), std::move(told));
  made->start();
  asio::post(home, [owner, executor, weak = std::weak_ptr<stream>(made), number] {
    if (const auto self = owner.lock()) return self->on_opened(weak, executor, number);
    asio::post(executor, [weak] {
      if (const auto unwanted = weak.lock()) unwanted->stop();
    });
  });
}

void server_channel::on_opened(std::weak_ptr<stream> opened, const asio::any_io_executor& executor,
                               unsigned number) {
  if (number != number_ || state_ != state::opening) {
    asio::post(executor, [opened] {
      if (const auto unwanted = opened.lock()) unwanted->stop();
    });
    return;
  }
  log::trace("a channel to the name server {} is open", sanitise(server_.text()));
  state_ = state::open;
  stream_ = std::move(opened);
  executor_ = executor;
  if (queries_.size() == 0) return wait_idle();
  send_all();
}

void server_channel::on_failed(const error& why, unsigned number) {
  if (number != number_ || state_ != state::opening) return;
  state_ = state::closed;
  queries_.fail_all(why);
}

// --- messages ----------------------------------------------------------------------------------------------

void server_channel::send(octets framed) {
  asio::post(executor_, [to = stream_, framed = std::move(framed)]() mutable {
    if (const auto open = to.lock()) open->send(std::move(framed));
  });
}

void server_channel::send_all() {
  octets framed;
  for (const auto id : queries_.in_order()) append_framed(framed, queries_.query(id));
  queries_.restart(clock::now());
  send(std::move(framed));
}

void server_channel::on_messages(std::vector<octets> messages, unsigned number) {
  if (number != number_ || state_ != state::open) return;
  heard_ = clock::now();
  for (auto& each : messages) {
    if (queries_.answer(std::move(each))) {
      answered_ = true;
    } else if (++strays_ > max_strays) {
      log::warn("the name server {} answers what nobody asked; its channel is closed",
                sanitise(server_.text()));
      return replace();
    }
  }
  asio::post(executor_, [to = stream_] {
    if (const auto open = to.lock()) open->resume();
  });
  if (queries_.size() == 0) wait_idle();
}

// --- the end -----------------------------------------------------------------------------------------------

void server_channel::on_over(unsigned number) {
  if (number != number_ || state_ != state::open) return;
  state_ = state::closed;
  stream_.reset();
  idle_.cancel();
  if (queries_.size() == 0) return;
  if (answered_ && !ending_) return open();
  queries_.fail_all(
      {errc::no_answer, "the name server " + sanitise(server_.text()) + " closed the connection"});
}

void server_channel::wait_idle() {
  if (state_ != state::open) return;
  idle_.expires_after(idle_limit);
  idle_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    const auto self = weak.lock();
    if (!failure && self && self->queries_.size() == 0) self->let_go();
  });
}

void server_channel::let_go() {
  idle_.cancel();
  // What is being opened is let go when it is open.
  if (state_ == state::open) {
    asio::post(executor_, [to = stream_] {
      if (const auto open = to.lock()) open->stop();
    });
  }
  stream_.reset();
  state_ = state::closed;
}

void server_channel::replace() {
  if (state_ == state::opening) return;
  let_go();
  if (queries_.size() != 0 && !ending_) open();
}

void server_channel::close() {
  ending_ = true;
  let_go();
  queries_.fail_all(
      {errc::no_answer, "the name server " + sanitise(server_.text()) + " is not asked any more"});
}

}  // namespace tunnel::dns
