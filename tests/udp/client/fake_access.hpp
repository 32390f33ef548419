#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ssh/errors.hpp"
#include "support/fake_channel.hpp"
#include "udp/client/access.hpp"
#include "udp/client/link.hpp"

namespace tunnel::udp {

/// An SSH connection to nowhere, whose far ends are in the test's hands.
class fake_access final : public access {
 public:
  explicit fake_access(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// The far ends of the channels that were opened, and what was asked for.
  std::vector<std::shared_ptr<support::channel_peer>> peers;
  std::vector<std::string> asked;
  /// Opens fail while it is set.
  std::optional<error> refusal;

  asio::any_io_executor executor() override { return executor_; }
  awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_tcpip(ssh::endpoint target) override {
    co_return open(target.text());
  }
  awaitable<result<std::unique_ptr<ssh::channel>>> run(std::string command, ssh::command_observer&) override {
    co_return open(command);
  }

 private:
  result<std::unique_ptr<ssh::channel>> open(const std::string& what) {
    asked.push_back(what);
    if (refusal) return *refusal;
    peers.push_back(std::make_shared<support::channel_peer>(executor_));
    return peers.back()->open();
  }

  asio::any_io_executor executor_;
};

/// Writes down what an association is told.
class recorder final : public association_handler {
 public:
  std::vector<std::string> came;
  std::optional<std::string> lost;

  void on_datagram(const socks::address& source, octet_view data) override {
    came.push_back(source.to_string() + " " + std::string(as_text(data)));
  }
  void on_lost(const error& why) override { lost = why.message; }
};

}  // namespace tunnel::udp
