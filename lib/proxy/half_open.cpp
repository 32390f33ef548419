#include "proxy/half_open.hpp"

#include <utility>

namespace tunnel::proxy {

half_open::entry::entry(half_open& owner, evict_handler evict) : owner_(owner), evict_(std::move(evict)) {
  if (owner_.entries_.size() >= owner_.limit_) owner_.evict_oldest(1);
  place_ = owner_.entries_.insert(owner_.entries_.end(), this);
}

half_open::entry::~entry() {
  if (listed_) owner_.entries_.erase(place_);
}

std::size_t half_open::evict_oldest(std::size_t count, std::chrono::steady_clock::duration age) {
  const auto latest = std::chrono::steady_clock::now() - age;
  std::size_t evicted = 0;
  while (evicted < count && !entries_.empty() && entries_.front()->since_ <= latest) {
    entry* oldest = entries_.front();
    entries_.pop_front();
    oldest->listed_ = false;
    oldest->evict_();
    ++evicted;
  }
  return evicted;
}

}  // namespace tunnel::proxy
