#include "udp/client/name_targets.hpp"

#include <utility>

#include "aio/rethrow.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace tunnel::udp {

namespace {

using clock = std::chrono::steady_clock;

}  // namespace

name_targets::name_targets(asio::any_io_executor executor, resolver look_up, send_handler send,
                           drop_handler drop)
    : executor_(std::move(executor)),
      look_up_(std::move(look_up)),
      send_(std::move(send)),
      drop_(std::move(drop)) {}

void name_targets::send(std::uint32_t from, const std::string& name, std::uint16_t port, octet_view data) {
  if (!send_) return;
  auto known = names_.find(name);
  if (known != names_.end() && !known->second.looking && known->second.until <= clock::now()) {
    names_.erase(known);
    known = names_.end();
  }
  if (known != names_.end() && !known->second.looking) {
    if (!known->second.address) return drop_(from);
    return send_(from, {known->second.address->host, port}, data);
  }
  if (waiting_.size() >= max_waiting) return drop_(from);
  waiting_.push_back({from, name, port, octets(data.begin(), data.end())});
  if (known == names_.end()) {
    make_room();
    names_.emplace(name, found{});
    asio::co_spawn(executor_, look_up(name), aio::rethrow);
  }
}

void name_targets::stop() {
  send_ = nullptr;
  waiting_.clear();
}

awaitable<void> name_targets::look_up(std::string name) {
  const auto self = shared_from_this();
  auto looking = look_up_(name);
  const auto outcome = co_await std::move(looking);
  settle(name, outcome);
}

void name_targets::settle(const std::string& name, const result<std::vector<socks::address>>& outcome) {
  if (!send_) return;
  auto& entry = names_[name];
  entry.looking = false;
  entry.until = clock::now() + failure_memory;
  if (outcome && !outcome->empty()) {
    entry.address = outcome->front();
    entry.until = clock::now() + memory;
  } else {
    log::debug("UDP to {}: {}", sanitise(name), outcome ? "it has no address" : outcome.error().message);
  }
  const auto address = entry.address;
  for (auto left = waiting_.size(); left != 0 && send_; --left) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.name != name) {
      waiting_.push_back(std::move(next));
    } else if (address) {
      send_(next.from, {address->host, next.port}, next.data);
    } else {
      drop_(next.from);
    }
  }
}

void name_targets::make_room() {
  if (names_.size() < max_names) return;
  for (auto each = names_.begin(); each != names_.end(); ++each) {
    if (each->second.looking) continue;
    names_.erase(each);
    return;
  }
}

}  // namespace tunnel::udp
