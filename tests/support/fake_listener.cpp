#include "support/fake_listener.hpp"

#include <stdexcept>
#include <utility>

namespace tunnel::support {

class listener_peer::client_end final : public ssh::remote_listener {
 public:
  client_end(std::shared_ptr<listener_peer> peer, ssh::endpoint at)
      : peer_(std::move(peer)), at_(std::move(at)) {}

  ~client_end() override {
    peer_->destroyed_ = true;
    peer_->handler_ = nullptr;
  }

  [[nodiscard]] const ssh::endpoint& address() const override { return at_; }
  void attach(ssh::remote_listener_handler& handler) override { peer_->handler_ = &handler; }

 private:
  std::shared_ptr<listener_peer> peer_;
  ssh::endpoint at_;
};

std::unique_ptr<ssh::remote_listener> listener_peer::open(ssh::endpoint at) {
  return std::make_unique<client_end>(shared_from_this(), std::move(at));
}

std::shared_ptr<channel_peer> listener_peer::connect(std::optional<ssh::endpoint> originator) {
  if (handler_ == nullptr) throw std::logic_error("nobody listens");
  auto made = std::make_shared<channel_peer>(executor_);
  handler_->on_connection(made->open(), std::move(originator));
  return made;
}

void listener_peer::lose(const error& why) {
  if (handler_ != nullptr) std::exchange(handler_, nullptr)->on_closed(why);
}

}  // namespace tunnel::support
