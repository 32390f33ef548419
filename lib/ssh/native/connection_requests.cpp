#include <optional>
#include <utility>

#include "base/text.hpp"
#include "ssh/errors.hpp"
#include "ssh/native/connection.hpp"

namespace tunnel::ssh::native {

namespace {

// RFC 4254 section 5.1's numbers are those of ssh::errc.
ssh::errc reason_of(std::uint32_t reason) {
  const bool known = reason >= static_cast<std::uint32_t>(ssh::errc::administratively_prohibited) &&
                     reason <= static_cast<std::uint32_t>(ssh::errc::resource_shortage);
  return known ? static_cast<ssh::errc>(reason) : ssh::errc::open_failed;
}

// Why is what the connection ends with.
error unsendable() {
  return {make_error_code(ssh::errc::connection_lost), "the request could not be sent"};
}

}  // namespace

connection::pending_open::~pending_open() {
  auto& mine = owner.place_of(id);
  if (mine.open != this) return;
  mine.open = nullptr;
  owner.protocol_.abandon(id);
}

// --- opening -----------------------------------------------------------------------------------------------

// `id`: nothing when the open could not be sent.
awaitable<result<std::unique_ptr<channel>>> connection::opened(std::optional<channel_id> id,
                                                               std::chrono::steady_clock::duration limit) {
  if (!id) co_return unsendable();
  pending_open wait(*this, *id, limit);
  schedule_flush();
  co_await wait.done.async_wait(as_tuple);

  if (wait.outcome) co_return std::move(*wait.outcome);
  if (ended_) co_return *ended_;
  if (observer_ != nullptr) observer_->on_open_settled();
  co_return error{make_error_code(ssh::errc::open_timeout),
                  "the server did not say within the time limit whether it could connect"};
}

void connection::settle(channel_id id, result<std::unique_ptr<channel>> outcome) {
  auto* const waiting = std::exchange(place_of(id).open, nullptr);
  // Nobody: there was no memory to wait with. A channel is closed as it goes.
  if (waiting == nullptr) return;
  waiting->outcome.emplace(std::move(outcome));
  waiting->done.cancel();
  if (observer_ != nullptr) observer_->on_open_settled();
}

std::unique_ptr<channel> connection::adopt(channel_id id) {
  auto made = std::make_unique<channel>(*this, id, get_executor());
  place_of(id).owner = made.get();
  return made;
}

void connection::on_opened(channel_id id) {
  settle(id, adopt(id));
}

void connection::on_open_failed(const connection_protocol::open_failed& told) {
  settle(told.channel, error{make_error_code(reason_of(told.reason)), sanitise(told.description)});
}

awaitable<result<std::unique_ptr<ssh::channel>>> connection::open_direct_tcpip(
    endpoint target, endpoint originator, std::chrono::steady_clock::duration limit) {
  if (ended_) co_return *ended_;
  const auto self = shared_from_this();
  const host_and_port to{std::move(target.host), target.port};
  const host_and_port from{std::move(originator.host), originator.port};
  std::optional<channel_id> id;
  attempt([&] { id = protocol_.open_direct_tcpip(to, from); });
  co_return co_await opened(id, limit);
}

awaitable<result<std::unique_ptr<ssh::channel>>> connection::open_direct_streamlocal(
    std::string path, std::chrono::steady_clock::duration limit) {
  if (ended_) co_return *ended_;
  const auto self = shared_from_this();
  std::optional<channel_id> id;
  attempt([&] { id = protocol_.open_direct_streamlocal(path); });
  co_return co_await opened(id, limit);
}

// --- commands ----------------------------------------------------------------------------------------------

awaitable<result<std::unique_ptr<ssh::channel>>> connection::run(std::string text, command_observer& told,
                                                                 std::chrono::steady_clock::duration limit) {
  if (ended_) co_return *ended_;
  const auto self = shared_from_this();
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::optional<channel_id> id;
  attempt([&] { id = protocol_.open_session(); });
  auto session = co_await opened(id, limit);
  if (!session) co_return session.error();
  if (ended_) co_return *ended_;
  auto& made = **session;
  const auto starting =
      std::make_shared<command::start>(get_executor(), deadline - std::chrono::steady_clock::now());
  made.command_ = std::make_unique<command>(told, starting);
  attempt([&] { protocol_.request_exec(made.id_, text); });
  schedule_flush();
  const auto started = co_await starting->wait();
  if (!started)
    co_return error{make_error_code(ssh::errc::open_timeout),
                    "the server did not say within the time limit whether it runs the command"};
  if (!*started) co_return started->error();
  co_return std::move(*session);
}

void connection::on_exec_answered(const connection_protocol::exec_answered& told) {
  const auto* of = find(told.channel);
  if (of == nullptr || !of->command_) return;
  if (!told.accepted) return of->command_->refuse();
  of->command_->answer(boost::system::in_place_value);
}

// Errors do not wait for those who read the output: a window that is full of them would stop both.
void connection::on_standard_error(const connection_protocol::data& came) {
  const auto* of = find(came.channel);
  if (of->command_) of->command_->hear_error(came.octets);
  if (find(came.channel) != nullptr) protocol_.consumed(came.channel, came.octets.size());
}

void connection::on_exited(const connection_protocol::exited& told) {
  const auto* of = find(told.channel);
  if (of != nullptr && of->command_) of->command_->set_exit({told.status, sanitise(told.signal)});
}

// --- listening ---------------------------------------------------------------------------------------------

awaitable<result<std::unique_ptr<ssh::remote_listener>>> connection::listen(
    endpoint at, std::chrono::steady_clock::duration limit) {
  if (ended_) co_return *ended_;
  const auto self = shared_from_this();
  const auto asked = forwarding_.ask(at, limit);
  auto answer = co_await asked->wait();
  if (answer) co_return std::move(*answer);
  co_return error{make_error_code(ssh::errc::open_timeout),
                  "the server did not say within the time limit whether it listens"};
}

}  // namespace tunnel::ssh::native
