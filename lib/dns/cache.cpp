#include "dns/cache.hpp"

#include <utility>

namespace tunnel::dns {

void cache::put(question asked, answer known, time_point now) {
  asked.name = canonical_name(asked.name);
  if (const auto old = places_.find(asked); old != places_.end()) erase(old->second);
  if (known.ttl <= std::chrono::seconds(0) || capacity_ == 0) return;
  while (entries_.size() >= capacity_) erase(std::prev(entries_.end()));
  const auto ends = now + known.ttl;
  entries_.push_front({std::move(asked), std::move(known), ends});
  places_.emplace(entries_.front().asked, entries_.begin());
}

const answer* cache::find(const question& asked, time_point now) {
  const auto place = places_.find({canonical_name(asked.name), asked.type});
  if (place == places_.end()) return nullptr;
  const auto known = place->second;
  if (now >= known->ends) {
    erase(known);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, known);
  return &known->known;
}

void cache::erase(std::list<entry>::iterator which) {
  places_.erase(which->asked);
  entries_.erase(which);
}

}  // namespace tunnel::dns
