#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "ssh/native/core/connection_protocol.hpp"
#include "ssh/remote_listener.hpp"

namespace tunnel::ssh::native {

class forwarding;

/// The owner's end of a remote listener, and what its connection knows of it.
class forward_listener final : public ssh::remote_listener {
 public:
  forward_listener(forwarding& owner, endpoint at, asio::any_io_executor executor);
  ~forward_listener() override;

  [[nodiscard]] const endpoint& address() const override { return at_; }
  void attach(remote_listener_handler& handler) override;

 private:
  friend class forwarding;

  struct caller {
    channel_id channel = 0;
    endpoint originator;
  };

  forwarding* owner_;
  endpoint at_;
  remote_listener_handler* handler_ = nullptr;
  // Who has connected and is neither accepted nor refused yet.
  std::deque<caller> callers_;
  // For what is posted: null when the listener is gone.
  std::shared_ptr<forward_listener*> self_;
  std::optional<error> lost_;
  asio::any_io_executor executor_;
};

}  // namespace tunnel::ssh::native
