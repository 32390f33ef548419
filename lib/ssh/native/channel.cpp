#include "ssh/native/channel.hpp"

#include <utility>

#include "ssh/native/connection.hpp"

namespace tunnel::ssh::native {

channel::channel(connection& owner, channel_id id, asio::any_io_executor executor)
    : owner_(&owner), id_(id), executor_(std::move(executor)) {}

channel::~channel() {
  if (late_) *late_ = nullptr;
  if (owner_ != nullptr) owner_->let_go(*this);
}

void channel::attach(channel_handler& handler) {
  handler_ = &handler;
  if (owner_ != nullptr) return resume();
  late_ = std::make_shared<channel_handler*>(&handler);
  asio::post(executor_, [late = late_, why = lost_] {
    if (*late != nullptr) (*late)->on_closed(&*why);
  });
}

void channel::resume() {
  paused_ = false;
  if (owner_ != nullptr) owner_->schedule_service(*this);
}

std::span<const octet_span> channel::prepare() {
  if (owner_ == nullptr) return {};
  return owner_->room_for(*this);
}

void channel::commit(std::size_t count) {
  if (owner_ != nullptr) owner_->send(*this, count);
}

void channel::send_eof() {
  if (owner_ != nullptr) owner_->send_eof(*this);
}

}  // namespace tunnel::ssh::native
