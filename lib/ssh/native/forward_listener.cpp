#include "ssh/native/forward_listener.hpp"

#include <utility>

#include "ssh/native/forwarding.hpp"

namespace tunnel::ssh::native {

forward_listener::forward_listener(forwarding& owner, endpoint at, asio::any_io_executor executor)
    : owner_(&owner),
      at_(std::move(at)),
      self_(std::make_shared<forward_listener*>(this)),
      executor_(std::move(executor)) {}

forward_listener::~forward_listener() {
  *self_ = nullptr;
  if (owner_ != nullptr) owner_->let_go(*this);
}

void forward_listener::attach(remote_listener_handler& handler) {
  handler_ = &handler;
  asio::post(executor_, [self = self_] {
    if (*self == nullptr) return;
    auto& listener = **self;
    if (listener.owner_ != nullptr) return listener.owner_->admit(listener);
    if (auto* late = std::exchange(listener.handler_, nullptr)) late->on_closed(*listener.lost_);
  });
}

}  // namespace tunnel::ssh::native
