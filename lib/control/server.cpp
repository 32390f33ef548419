#include "control/server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <tuple>
#include <utility>

#include "aio/deadline.hpp"
#include "aio/rethrow.hpp"
#include "base/log.hpp"

namespace tunnel::control {

namespace {

using local = asio::local::stream_protocol;
using transferred = std::tuple<boost::system::error_code, std::size_t>;

// Longer than any request's name.
constexpr std::size_t max_request = 64;
// Between two looks whether descriptors are to be had again.
constexpr auto accept_pause = std::chrono::milliseconds(200);

bool may_ask(local::socket& from) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(from.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
  return who.uid == ::geteuid() || who.uid == 0;
}

error cannot(const std::string& path, boost::system::error_code why) {
  return with_reason("cannot make the control socket " + path, why);
}

// One that nobody answers at is what a tunnel left that was killed.
bool is_left_behind(const asio::any_io_executor& executor, const local::endpoint& place) {
  struct stat found {};
  if (::lstat(place.path().c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return false;
  local::socket probe(executor);
  boost::system::error_code failure;
  probe.connect(place, failure);
  return failure == boost::system::errc::connection_refused;
}

}  // namespace

struct server::state {
  state(const asio::any_io_executor& executor, handler by)
      : acceptor(executor), pause(executor), answers(std::move(by)) {}

  local::acceptor acceptor;
  asio::steady_timer pause;
  handler answers;
  // Empty while there is no file.
  std::string path;
  bool closed = false;
};

server::server(asio::any_io_executor executor, handler answers)
    : state_(std::make_shared<state>(executor, std::move(answers))) {}

server::~server() {
  close();
}

result<void> server::listen(const std::string& path) {
  auto& acceptor = state_->acceptor;
  boost::system::error_code failure;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return cannot(path, make_error_code(boost::system::errc::filename_too_long));
  }
  const local::endpoint place(path);
  acceptor.open(place.protocol(), failure);
  if (failure) return cannot(path, failure);
  // No moment passes in which others could open it.
  const auto before = ::umask(0177);
  acceptor.bind(place, failure);
  if (failure == boost::system::errc::address_in_use && is_left_behind(acceptor.get_executor(), place)) {
    ::unlink(path.c_str());
    acceptor.bind(place, failure);
  }
  ::umask(before);
  if (failure == boost::system::errc::address_in_use) {
    return error{failure, "the control socket " + path +
                              " is another tunnel's, or no socket: ask it with -O, " +
                              "or name another with -S"};
  }
  if (failure) return cannot(path, failure);
  state_->path = path;
  acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) return cannot(path, failure);
  asio::co_spawn(acceptor.get_executor(), serve(state_), aio::rethrow);
  return boost::system::in_place_value;
}

void server::close() {
  state_->closed = true;
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  if (!state_->path.empty()) ::unlink(std::exchange(state_->path, {}).c_str());
}

namespace {

awaitable<std::string> read_line(local::socket& from) {
  std::array<char, max_request> room{};
  std::string line;
  while (line.size() < max_request && line.find('\n') == std::string::npos) {
    const auto left = asio::buffer(room.data(), max_request - line.size());
    const auto [failure, count] = co_await from.async_read_some(left, as_tuple);
    if (failure) break;
    line.append(room.data(), count);
  }
  co_return line.substr(0, line.find('\n'));
}

awaitable<void> answer_one(local::socket& from, const server::handler& answers) {
  auto reading = read_line(from);
  const auto line = co_await aio::within<std::string>(server::request_limit, std::move(reading));
  const auto what = line ? parse_request(*line) : std::nullopt;
  server::answer given{{false, "this tunnel does not know that request\n"}, {}};
  if (what) given = answers(*what);
  const auto text = (given.said.succeeded ? "ok\n" : "failed\n") + given.said.text;
  auto writing = asio::async_write(from, asio::buffer(text), as_tuple);
  co_await aio::within<transferred>(server::request_limit, std::move(writing));
  boost::system::error_code ignored;
  from.close(ignored);
  if (given.then) given.then();
}

}  // namespace

awaitable<void> server::serve(std::shared_ptr<state> self) {
  while (!self->closed) {
    auto [failure, accepted] = co_await self->acceptor.async_accept(as_tuple);
    if (self->closed) co_return;
    if (failure) {
      self->pause.expires_after(accept_pause);
      co_await self->pause.async_wait(as_tuple);
      continue;
    }
    if (!may_ask(accepted)) {
      log::warn("another user's process tried the control socket");
      continue;
    }
    auto answering = answer_one(accepted, self->answers);
    co_await std::move(answering);
  }
}

}  // namespace tunnel::control
