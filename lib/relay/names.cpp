#include "relay/names.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::relay {

names::names(resolver& by, ready_handler ready)
    : resolver_(by), ready_(std::move(ready)), self_(std::make_shared<names*>(this)) {}

void names::close() {
  self_.reset();
  resolver_.forget(this);
}

const resolved* names::find(std::string_view name) {
  const auto found = known_.find(name);
  if (found == known_.end() || found->second.until < clock::now()) return nullptr;
  return &found->second.answer;
}

names::outcome names::wait_for(std::string_view name, std::uint32_t association, std::uint16_t port,
                               octet_view payload) {
  if (waiting_octets_ + payload.size() > max_waiting_octets || waiting_datagrams_ >= max_waiting_datagrams)
    return outcome::dropped;
  auto place = waiting_.find(name);
  if (place == waiting_.end()) {
    auto answered = [weak = std::weak_ptr(self_), text = std::string(name)](resolved answer) {
      if (const auto self = weak.lock()) (*self)->on_answer(text, std::move(answer));
    };
    if (lookups_of(association) >= max_lookups_each) return outcome::too_many;
    if (!resolver_.look_up(this, std::string(name), std::move(answered))) return outcome::too_many;
    place = waiting_.emplace(name, std::vector<waiting_datagram>{}).first;
  }
  place->second.push_back({association, port, octets(payload.begin(), payload.end())});
  waiting_octets_ += payload.size();
  ++waiting_datagrams_;
  return outcome::waits;
}

std::size_t names::lookups_of(std::uint32_t association) const {
  const auto asked_by = [association](const auto& each) {
    return each.second.front().association == association;
  };
  return static_cast<std::size_t>(std::ranges::count_if(waiting_, asked_by));
}

void names::on_answer(const std::string& name, resolved answer) {
  const bool failed = std::holds_alternative<std::string>(answer);
  auto for_it = waiting_.extract(name);
  if (for_it.empty()) return;
  for (const auto& each : for_it.mapped()) {
    waiting_octets_ -= each.payload.size();
    --waiting_datagrams_;
  }
  // All at once rather than the oldest: a client with so many names has few of them twice.
  if (known_.size() >= max_names) known_.clear();
  known_.insert_or_assign(name, entry{answer, clock::now() + (failed ? failure_life : life)});
  for (const auto& each : for_it.mapped()) ready_(name, answer, each);
}

}  // namespace tunnel::relay
