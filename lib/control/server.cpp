#include "control/server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>
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

error is_taken(const std::string& path) {
  return {make_error_code(boost::system::errc::address_in_use),
          "the control socket " + path +
              " is another tunnel's, or no socket: ask it with -O, or name another with -S"};
}

// A file as the kernel tells it from others.
using file_identity = std::pair<dev_t, ino_t>;

std::optional<file_identity> identity_of(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
  return file_identity{found.st_dev, found.st_ino};
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
  // Whoever took the place since then has a file of its own there.
  std::optional<file_identity> file;
  std::size_t clients = 0;
  bool closed = false;
};

server::server(asio::any_io_executor executor, handler answers)
    : state_(std::make_shared<state>(executor, std::move(answers))) {}

server::~server() {
  close();
}

result<void> server::check(const asio::any_io_executor& executor, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return cannot(path, make_error_code(boost::system::errc::filename_too_long));
  }
  if (identity_of(path) && !is_left_behind(executor, local::endpoint(path))) return is_taken(path);
  return boost::system::in_place_value;
}

result<void> server::listen(const std::string& path) {
  auto& acceptor = state_->acceptor;
  boost::system::error_code failure;
  if (const auto free = check(acceptor.get_executor(), path); !free) return free;
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
  if (failure == boost::system::errc::address_in_use) return is_taken(path);
  if (failure) return cannot(path, failure);
  state_->path = path;
  state_->file = identity_of(path);
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
  const auto path = std::exchange(state_->path, {});
  if (!path.empty() && identity_of(path) == state_->file) ::unlink(path.c_str());
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

}  // namespace

awaitable<void> server::answer_one(std::shared_ptr<state> self, local::socket from) {
  auto reading = read_line(from);
  const auto line = co_await aio::within<std::string>(server::request_limit, std::move(reading));
  const auto what = line ? parse_request(*line) : std::nullopt;
  server::answer given{{false, "this tunnel does not know that request\n"}, {}};
  if (what && !self->closed) given = self->answers(*what);
  const auto text = (given.said.succeeded ? "ok\n" : "failed\n") + given.said.text;
  auto writing = asio::async_write(from, asio::buffer(text), as_tuple);
  co_await aio::within<transferred>(server::request_limit, std::move(writing));
  boost::system::error_code ignored;
  from.close(ignored);
  --self->clients;
  self->pause.cancel();
  if (given.then && !self->closed) given.then();
}

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
    ++self->clients;
    asio::co_spawn(self->acceptor.get_executor(), answer_one(self, std::move(accepted)), aio::rethrow);
    while (self->clients == max_clients && !self->closed) {
      self->pause.expires_at(asio::steady_timer::time_point::max());
      co_await self->pause.async_wait(as_tuple);
    }
  }
}

}  // namespace tunnel::control
