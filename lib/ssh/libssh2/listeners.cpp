#include "ssh/libssh2/listeners.hpp"

#include <algorithm>
#include <utility>

#include "ssh/errors.hpp"

namespace tunnel::ssh::libssh2 {

namespace {

error distrusted() {
  return {errc::unsupported_by_engine,
          "libssh2 can no longer tell this request's answer from that to a keepalive on this connection"};
}

/// The owner's end of a listener.
class owned_listener final : public remote_listener {
 public:
  explicit owned_listener(std::shared_ptr<listener_state> state) : state_(std::move(state)) {}

  ~owned_listener() override {
    state_->handler = nullptr;
    state_->closing = true;
    if (state_->owner != nullptr) state_->owner->schedule_pump();
  }

  [[nodiscard]] const endpoint& address() const override { return state_->at; }

  void attach(remote_listener_handler& handler) override {
    state_->handler = &handler;
    if (state_->owner != nullptr) return state_->owner->schedule_pump();
    asio::post(state_->executor, [state = state_] {
      if (auto* late = std::exchange(state->handler, nullptr)) late->on_closed(*state->lost);
    });
  }

 private:
  std::shared_ptr<listener_state> state_;
};

}  // namespace

listeners::listeners(LIBSSH2_SESSION* session, asio::any_io_executor executor, channel_maker make,
                     std::function<void()> schedule_pump)
    : session_(session),
      executor_(std::move(executor)),
      make_(std::move(make)),
      schedule_pump_(std::move(schedule_pump)) {}

listeners::~listeners() {
  // Without end() before it, the executor is ending too, and no handler will ever run again.
  for (const auto& state : all_) {
    state->owner = nullptr;
    state->lost = error{errc::connection_lost, "the connection was given up"};
  }
}

// --- asking ------------------------------------------------------------------------------------------------

std::shared_ptr<listeners::answer> listeners::ask(endpoint at, std::chrono::steady_clock::duration limit) {
  auto waiting = std::make_shared<answer>(executor_, limit);
  if (!trusted_) {
    waiting->settle(distrusted());
    return waiting;
  }
  questions_.push_back({std::move(at), waiting});
  schedule_pump_();
  return waiting;
}

int listeners::advance() {
  while (!questions_.empty()) {
    const auto& next = questions_.front();
    if (!asking_ && (next.waiting->given_up() || !trusted_)) {
      next.waiting->settle(distrusted());
      questions_.pop_front();
      continue;
    }
    asking_ = true;
    int port = 0;
    LIBSSH2_LISTENER* const raw = libssh2_channel_forward_listen_ex(
        session_, next.at.host.c_str(), next.at.port, &port, static_cast<int>(remote_listener::max_waiting));
    const int status = raw == nullptr ? libssh2_session_last_errno(session_) : 0;
    if (status == LIBSSH2_ERROR_EAGAIN) return 0;
    asking_ = false;
    // libssh2 has forgotten this one, but would take the server's late answer for the next one's.
    if (status == LIBSSH2_ERROR_TIMEOUT) trusted_ = false;
    if (status != 0 && status != LIBSSH2_ERROR_TIMEOUT && status != LIBSSH2_ERROR_REQUEST_DENIED)
      return status;
    settle(raw, port);
  }
  return 0;
}

void listeners::settle(LIBSSH2_LISTENER* raw, int port) {
  auto [at, waiting] = std::move(questions_.front());
  questions_.pop_front();
  if (raw == nullptr) {
    return waiting->settle(error{errc::request_refused, "the server refused to listen on " + at.text()});
  }
  auto state = std::make_shared<listener_state>();
  state->owner = this;
  state->executor = executor_;
  state->raw = raw;
  state->at = std::move(at);
  state->at.port = static_cast<std::uint16_t>(port);
  state->closing = waiting->given_up();
  all_.push_back(state);
  if (!state->closing) waiting->settle(std::make_unique<owned_listener>(std::move(state)));
}

// --- those who connect -------------------------------------------------------------------------------------

int listeners::serve() {
  for (auto next = all_.begin(); next != all_.end();) {
    const auto state = *next;
    if (!state->closing) admit(state);
    if (state->owner == nullptr) return 0;  // The handler has ended the connection.
    if (!state->closing) {
      ++next;
      continue;
    }
    const int status = libssh2_channel_forward_cancel(state->raw);
    if (status == LIBSSH2_ERROR_EAGAIN) {
      ++next;
      continue;
    }
    state->owner = nullptr;
    next = all_.erase(next);
    if (status != 0) return status;
  }
  return 0;
}

void listeners::admit(const state_ptr& state) {
  while (state->handler != nullptr) {
    LIBSSH2_CHANNEL* const raw = libssh2_channel_forward_accept(state->raw);
    if (raw == nullptr) return;
    state->handler->on_connection(make_(raw), std::nullopt);
  }
}

// --- the end -----------------------------------------------------------------------------------------------

void listeners::end(const error& why) {
  for (const auto& each : std::exchange(questions_, {})) each.waiting->settle(why);
  for (const auto& state : std::exchange(all_, {})) {
    state->owner = nullptr;
    state->lost = why;
    if (auto* handler = std::exchange(state->handler, nullptr)) handler->on_closed(why);
  }
}

}  // namespace tunnel::ssh::libssh2
