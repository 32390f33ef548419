#include "ssh/libssh2/channels.hpp"

#include <utility>

#include "ssh/libssh2/connection.hpp"

namespace tunnel::ssh::libssh2 {

channel::channel(std::shared_ptr<channel_state> state) : state_(std::move(state)) {}

channel::~channel() {
  state_->handler = nullptr;
  state_->closing = true;
  if (state_->runs) state_->runs->silence();
  if (state_->owner != nullptr) state_->owner->schedule_pump();
}

void channel::run(std::unique_ptr<command> what) {
  state_->runs = std::move(what);
  state_->owner->schedule_pump();
}

void channel::attach(channel_handler& handler) {
  state_->handler = &handler;
  if (state_->owner != nullptr) return state_->owner->schedule_pump();
  asio::post(state_->executor, [state = state_] {
    if (auto* late = std::exchange(state->handler, nullptr)) late->on_closed(&*state->lost);
  });
}

void channel::resume() {
  state_->paused = false;
  if (state_->owner != nullptr) state_->owner->schedule_pump();
}

std::span<const octet_span> channel::prepare() {
  if (state_->owner == nullptr) return {};
  room_ = state_->owner->room_for(*state_);
  return {&room_, room_.empty() ? 0U : 1U};
}

void channel::commit(std::size_t count) {
  if (state_->owner != nullptr) state_->owner->send(*state_, count);
}

void channel::send_eof() {
  state_->eof_due = true;
  if (state_->owner != nullptr) state_->owner->schedule_pump();
}

}  // namespace tunnel::ssh::libssh2
