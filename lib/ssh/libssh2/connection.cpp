#include "ssh/libssh2/connection.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "ssh/errors.hpp"
#include "ssh/libssh2/handshake.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::libssh2 {

namespace {

// Input taken by one pump: enough to make looking at every channel cheap beside it, small enough that the
// octets are still in the processor's cache when they are handed on.
constexpr std::size_t input_per_pump = 256 * 1024;
// Beyond this much unsent output nobody may write: a bulk upload waits for the network, not in memory.
constexpr std::size_t output_high_water = 256 * 1024;
// Handed to a client at once.
constexpr std::size_t max_read = 64 * 1024;
// libssh2 sends no larger CHANNEL_DATA.
constexpr std::size_t max_write = 32'700;
// A channel's share of one pump.
constexpr int deliveries_per_pump = 4;

// An open of a type that no server knows: RFC 4254 section 5.1 makes it answer with a failure. Unlike a
// global request's, libssh2 takes the answer off its queue.
constexpr std::string_view probe_type = "keepalive@tunnel";
constexpr std::string_view streamlocal_type = "direct-streamlocal@openssh.com";
constexpr std::string_view session_type = "session";

errc reason_of(std::string_view text) {
  // libssh2 keeps the reason code of SSH_MSG_CHANNEL_OPEN_FAILURE in the wording of its error alone.
  if (text.find("administratively prohibited") != text.npos) return errc::administratively_prohibited;
  if (text.find("connect failed") != text.npos) return errc::connect_failed;
  if (text.find("unknown channel type") != text.npos) return errc::unknown_channel_type;
  if (text.find("resource shortage") != text.npos) return errc::resource_shortage;
  return errc::open_failed;
}

}  // namespace

connection::connection(std::unique_ptr<transport> link)
    : link_(std::move(link)),
      listeners_(
          link_->session(), link_->stream().get_executor(),
          [this](LIBSSH2_CHANNEL* raw) { return std::make_unique<channel>(adopt(raw)); },
          [this] { schedule_pump(); }),
      info_(describe_session(*link_)),
      inbound_(max_read),
      outbound_(max_write) {}

connection::~connection() {
  // Without close() before it, the executor is ending too, and no handler will ever run again.
  for (const auto& state : channels_) {
    state->owner = nullptr;
    state->lost = error{errc::connection_lost, "the connection was given up"};
  }
}

void connection::start() {
  wait_readable();
}

// --- events ----------------------------------------------------------------------------------------------

void connection::wait_readable() {
  if (waiting_readable_ || ended_) return;
  waiting_readable_ = true;
  link_->stream().async_wait(aio::direction::read,
                             [weak = weak_from_this()](boost::system::error_code failure) {
                               const auto self = weak.lock();
                               if (!self) return;
                               self->waiting_readable_ = false;
                               if (failure || self->ended_) return;
                               self->readable_ = true;
                               self->pump();
                             });
}

void connection::wait_writable() {
  if (waiting_writable_ || ended_) return;
  waiting_writable_ = true;
  link_->stream().async_wait(aio::direction::write,
                             [weak = weak_from_this()](boost::system::error_code failure) {
                               const auto self = weak.lock();
                               if (!self) return;
                               self->waiting_writable_ = false;
                               if (!failure && !self->ended_) self->pump();
                             });
}

void connection::schedule_pump() {
  if (pump_posted_ || ended_) return;
  pump_posted_ = true;
  asio::post(get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->pump_posted_ = false;
    self->pump();
  });
}

void connection::schedule_flush() {
  if (flush_posted_ || ended_) return;
  flush_posted_ = true;
  asio::post(get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->flush_posted_ = false;
    if (!self->ended_) self->flush();
  });
}

void connection::flush() {
  const bool was_full = link_->queued() >= output_high_water;
  if (!link_->flush()) return lose(LIBSSH2_ERROR_SOCKET_SEND);
  // Channels that found the queue full have room now.
  if (was_full && link_->queued() < output_high_water) schedule_pump();
  if (link_->queued() != 0) wait_writable();
}

void connection::pump() {
  if (ended_) return;
  const auto self = shared_from_this();
  const bool was_readable = std::exchange(readable_, false);
  link_->allow_input(input_per_pump);
  advance_open();
  if (ended_) return;
  if (const int status = listeners_.advance(); status != 0) return lose(status);
  if (!drain()) return;
  if (was_readable && !link_->input_asked()) {
    // With no channel and no open to read through, a probe is what reads.
    start_probe();
    advance_open();
    if (ended_) return;
  }
  const bool asked = link_->input_asked();
  const bool more_input = asked && !link_->input_exhausted();
  link_->allow_input(0);

  // Held, because a handler may close its own channel or another.
  for (auto next = channels_.begin(); !ended_ && next != channels_.end();) {
    const auto state = *next++;
    serve(state);
  }
  if (ended_) return;
  if (const int status = listeners_.serve(); status != 0) return lose(status);
  if (ended_) return;
  finish_closing();
  if (ended_) return;
  flush();
  if (ended_) return;
  if (spent_ && channels_.empty()) return lose(LIBSSH2_ERROR_TIMEOUT);
  if (more_input) {
    schedule_pump();
  } else if (asked || !spent_) {
    // A spent connection on which nobody reads waits for its clients, not for the server.
    wait_readable();
  }
}

// --- opening -----------------------------------------------------------------------------------------------

awaitable<result<std::unique_ptr<channel>>> connection::opened(std::shared_ptr<open_request> request,
                                                               std::chrono::steady_clock::duration limit) {
  if (ended_) co_return *ended_;
  const auto self = shared_from_this();
  request->done = std::make_shared<asio::steady_timer>(get_executor(), limit);
  waiting_.push_back(request);
  schedule_pump();
  co_await request->done->async_wait(as_tuple);

  if (!request->outcome) {
    request->abandoned = true;
    schedule_pump();
    co_return error{errc::open_timeout,
                    "the server did not say within the time limit whether it could connect"};
  }
  if (!*request->outcome) co_return request->outcome->error();
  co_return std::make_unique<channel>(**request->outcome);
}

awaitable<result<std::unique_ptr<ssh::channel>>> connection::open_direct_tcpip(
    endpoint target, endpoint originator, std::chrono::steady_clock::duration limit) {
  auto request = std::make_shared<open_request>();
  request->target = std::move(target);
  request->originator = std::move(originator);
  co_return co_await opened(std::move(request), limit);
}

awaitable<result<std::unique_ptr<ssh::channel>>> connection::open_direct_streamlocal(
    std::string path, std::chrono::steady_clock::duration limit) {
  auto request = std::make_shared<open_request>();
  request->what = open_request::kind::direct_streamlocal;
  wire::writer(request->details).text(path).text("").uint32(0);
  co_return co_await opened(std::move(request), limit);
}

LIBSSH2_CHANNEL* connection::call_open(const open_request& request) {
  using kind = open_request::kind;
  if (request.what == kind::direct_tcpip) {
    return libssh2_channel_direct_tcpip_ex(link_->session(), request.target.host.c_str(), request.target.port,
                                           request.originator.host.c_str(), request.originator.port);
  }
  auto type = session_type;
  if (request.what == kind::probe) type = probe_type;
  if (request.what == kind::direct_streamlocal) type = streamlocal_type;
  return libssh2_channel_open_ex(link_->session(), type.data(), static_cast<unsigned>(type.size()),
                                 LIBSSH2_CHANNEL_WINDOW_DEFAULT, LIBSSH2_CHANNEL_PACKET_DEFAULT,
                                 as_text(request.details).data(),
                                 static_cast<unsigned>(request.details.size()));
}

void connection::advance_open() {
  while (!spent_) {
    if (!opening_) {
      if (waiting_.empty()) return;
      opening_ = waiting_.front();
      waiting_.pop_front();
      if (opening_->abandoned) {
        settle(*std::exchange(opening_, nullptr), error{});
        continue;
      }
    }
    LIBSSH2_CHANNEL* raw = call_open(*opening_);
    if (raw == nullptr && libssh2_session_last_errno(link_->session()) == LIBSSH2_ERROR_EAGAIN) return;
    finish_open(raw);
    if (ended_) return;
  }
}

void connection::finish_open(LIBSSH2_CHANNEL* raw) {
  const auto request = std::exchange(opening_, nullptr);
  if (raw == nullptr) {
    const int status = libssh2_session_last_errno(link_->session());
    if (status == LIBSSH2_ERROR_CHANNEL_FAILURE) {
      const auto text = link_->describe(status);
      return settle(*request, error{reason_of(text), text});
    }
    if (status == LIBSSH2_ERROR_TIMEOUT) {
      // libssh2 has forgotten this open after a minute, but would take the server's late answer for the next
      // one's. So there is no next one: the place stays taken, and the connection goes with its last channel.
      spent_ = true;
      opening_ = request;
      return;
    }
    opening_ = request;
    return lose(status);
  }
  auto state = adopt(raw);
  state->closing = request->abandoned || request->what == open_request::kind::probe;
  settle(*request, std::move(state));
}

std::shared_ptr<channel_state> connection::adopt(LIBSSH2_CHANNEL* raw) {
  auto state = std::make_shared<channel_state>();
  state->owner = this;
  state->executor = get_executor();
  state->raw = raw;
  channels_.push_back(state);
  return state;
}

void connection::settle(open_request& request, result<std::shared_ptr<channel_state>> outcome) {
  if (request.what == open_request::kind::probe) return;
  if (!request.abandoned) {
    request.outcome = std::move(outcome);
    request.done->cancel();
  }
  if (observer_ != nullptr) observer_->on_open_settled();
}

void connection::start_probe() {
  if (opening_) return;
  auto request = std::make_shared<open_request>();
  request->what = open_request::kind::probe;
  waiting_.push_front(std::move(request));
}

void connection::probe() {
  if (ended_) return;
  if (opening_) {
    // The place for a probe is taken. libssh2 never takes the answer to this one off its queue, but opens
    // last a minute at the most, so these are few. It would take them for answers to a request to listen.
    if (listeners_.in_use()) return;
    listeners_.distrust();
    libssh2_keepalive_config(link_->session(), 1, 2);
    libssh2_keepalive_send(link_->session(), nullptr);
    return schedule_flush();
  }
  start_probe();
  schedule_pump();
}

// --- commands and listeners --------------------------------------------------------------------------------

awaitable<result<std::unique_ptr<ssh::channel>>> connection::run(std::string text, command_observer& told,
                                                                 std::chrono::steady_clock::duration limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto self = shared_from_this();
  auto request = std::make_shared<open_request>();
  request->what = open_request::kind::session;
  auto session = co_await opened(std::move(request), limit);
  if (!session) co_return session.error();
  if (ended_) co_return *ended_;
  const auto starting =
      std::make_shared<command::start>(get_executor(), deadline - std::chrono::steady_clock::now());
  (*session)->run(std::make_unique<command>(std::move(text), told, starting));
  const auto started = co_await starting->wait();
  if (!started)
    co_return error{errc::open_timeout,
                    "the server did not say within the time limit whether it runs the command"};
  if (!*started) co_return started->error();
  co_return std::move(*session);
}

awaitable<result<std::unique_ptr<ssh::remote_listener>>> connection::listen(
    endpoint at, std::chrono::steady_clock::duration limit) {
  if (ended_) co_return *ended_;
  const auto self = shared_from_this();
  const auto asked = listeners_.ask(std::move(at), limit);
  auto answer = co_await asked->wait();
  if (answer) co_return std::move(*answer);
  co_return error{errc::open_timeout, "the server did not say within the time limit whether it listens"};
}

// --- receiving ---------------------------------------------------------------------------------------------

// Parses what has come, by a call that sends nothing and stops early only at its own channel's end.
bool connection::drain() {
  int status = 0;
  for (const auto& state : channels_) {
    if (link_->input_exhausted()) break;
    status = libssh2_channel_wait_eof(state->raw);
    if (status == 0) status = libssh2_channel_wait_closed(state->raw);
    if (status != 0 && status != LIBSSH2_ERROR_EAGAIN) break;
  }
  if (status == 0 || status == LIBSSH2_ERROR_EAGAIN) return true;
  lose(status);
  return false;
}

void connection::serve(const std::shared_ptr<channel_state>& state) {
  push_out(*state);
  if (!ended_ && state->runs && !serve_command(*state)) return;
  if (!ended_ && state->handler != nullptr && !state->paused) deliver(*state);
  if (!ended_ && state->handler != nullptr && state->wants_room && has_room(*state)) {
    state->wants_room = false;
    state->handler->on_writable();
  }
}

// False: there is more of its standard error, which goes before the end of its output.
bool connection::serve_command(channel_state& state) {
  int status = state.runs->advance(state.raw);
  if (status == 0) status = state.runs->hear_errors(state.raw, inbound_);
  if (status < 0) lose(status);
  if (status > 0) schedule_pump();
  return status == 0;
}

void connection::deliver(channel_state& state) {
  for (int round = 0; round < deliveries_per_pump; ++round) {
    const auto count =
        libssh2_channel_read(state.raw, reinterpret_cast<char*>(inbound_.data()), inbound_.size());
    if (count == LIBSSH2_ERROR_EAGAIN) return;
    if (count < 0) return lose(static_cast<int>(count));
    if (count == 0) return tell_end(state);
    const octet_view piece(inbound_.data(), static_cast<std::size_t>(count));
    state.paused = !state.handler->on_data({&piece, 1});
    if (state.handler == nullptr || state.paused) return;
  }
  schedule_pump();
}

void connection::tell_end(channel_state& state) {
  if (!state.eof_told) {
    state.eof_told = true;
    state.handler->on_eof();
  }
  if (state.handler == nullptr || libssh2_channel_wait_closed(state.raw) != 0) return;
  if (state.runs) state.runs->tell_exit(link_->session(), state.raw);
  if (state.handler == nullptr) return;
  std::exchange(state.handler, nullptr)->on_closed(nullptr);
}

// --- sending -----------------------------------------------------------------------------------------------

bool connection::has_room(const channel_state& state) const {
  return state.held.empty() && link_->queued() < output_high_water &&
         libssh2_channel_window_write_ex(state.raw, nullptr) != 0;
}

octet_span connection::room_for(channel_state& state) {
  if (ended_ || !has_room(state)) {
    state.wants_room = true;
    return {};
  }
  const std::size_t window = libssh2_channel_window_write_ex(state.raw, nullptr);
  return octet_span(outbound_).first(std::min(window, outbound_.size()));
}

void connection::send(channel_state& state, std::size_t count) {
  if (ended_) return;
  write_all(state, octet_view(outbound_).first(count));
  schedule_flush();
}

// A write meets EAGAIN only in the midst of a key re-exchange. What is left is kept, so that libssh2 gets
// the same octets again.
bool connection::write_all(channel_state& state, octet_view data) {
  while (!data.empty()) {
    const auto written =
        libssh2_channel_write(state.raw, reinterpret_cast<const char*>(data.data()), data.size());
    if (written == LIBSSH2_ERROR_EAGAIN || written == 0) {
      state.held = octets(data.begin(), data.end());
      return true;
    }
    if (written < 0) {
      // The caller may be a handler in mid-call: tell everybody later.
      asio::post(get_executor(),
                 [self = shared_from_this(), written] { self->lose(static_cast<int>(written)); });
      return false;
    }
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

void connection::push_out(channel_state& state) {
  if (!state.held.empty()) {
    const auto held = std::exchange(state.held, {});
    if (!write_all(state, held) || !state.held.empty()) return;
  }
  if (!state.eof_due || state.closing) return;
  const int status = libssh2_channel_send_eof(state.raw);
  if (status == LIBSSH2_ERROR_EAGAIN) return;
  state.eof_due = false;
  if (status != 0) lose(status);
}

// libssh2 forgets a channel only when the server has closed it too, so that a number is not used again
// while packets for it are on their way. It must not read here: see transport::allow_input.
void connection::finish_closing() {
  for (auto next = channels_.begin(); next != channels_.end();) {
    auto& state = **next;
    if (!state.closing || !state.held.empty() || (state.runs && state.runs->starting())) {
      ++next;
      continue;
    }
    const int status = libssh2_channel_free(state.raw);
    if (status == LIBSSH2_ERROR_EAGAIN) {
      ++next;
      continue;
    }
    state.owner = nullptr;
    next = channels_.erase(next);
  }
}

// --- the end -----------------------------------------------------------------------------------------------

void connection::lose(int status) {
  end({errc::connection_lost,
       "connection to " + link_->stream().peer() + " lost: " + link_->describe(status)});
}

void connection::fail(error why) {
  end(why);
}

void connection::close() {
  if (ended_) return;
  observer_ = nullptr;
  link_->allow_input(0);
  libssh2_session_disconnect(link_->session(), "closed by the user");
  // Courtesy: an unsent goodbye changes nothing.
  static_cast<void>(link_->flush());
  end({errc::connection_lost, "the connection was closed"});
}

void connection::end(const error& why) {
  if (ended_) return;
  const auto self = shared_from_this();
  ended_ = why;
  link_->stream().close();
  for (const auto& request : waiting_) settle(*request, why);
  waiting_.clear();
  if (opening_) settle(*std::exchange(opening_, nullptr), why);
  for (const auto& state : std::exchange(channels_, {})) {
    state->owner = nullptr;
    state->lost = why;
    if (state->runs) state->runs->end(why);
    if (auto* handler = std::exchange(state->handler, nullptr)) handler->on_closed(&why);
  }
  listeners_.end(why);
  if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_lost(why);
}

}  // namespace tunnel::ssh::libssh2
