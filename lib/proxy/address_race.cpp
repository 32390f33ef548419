#include "proxy/address_race.hpp"

#include <algorithm>

namespace tunnel::proxy {

void address_race::add(family which, const std::vector<dns::ip_address>& addresses, time_point now) {
  auto& answered = side_of(which);
  answered.answered = true;
  answered.left.insert(answered.left.end(), addresses.begin(), addresses.end());
  const bool first_were_four = which == family::ipv4 && !six_.answered && !addresses.empty();
  if (first_were_four) earliest_ = std::max(earliest_, now + resolution_delay);
  // What was waited for is there, or will not come.
  if (which == family::ipv6 && attempts_ == 0) earliest_ = now;
}

std::optional<dns::ip_address> address_race::next(time_point now) {
  if (!has_left() || now < earliest_ || attempts_ == max_attempts) return std::nullopt;
  if (side_of(turn_).left.empty()) turn_ = turn_ == family::ipv6 ? family::ipv4 : family::ipv6;
  auto& left = side_of(turn_).left;
  const auto address = left.front();
  left.pop_front();
  turn_ = turn_ == family::ipv6 ? family::ipv4 : family::ipv6;
  ++attempts_;
  ++under_way_;
  earliest_ = now + attempt_delay;
  return address;
}

void address_race::on_failed() {
  --under_way_;
  earliest_ = {};
}

std::optional<address_race::time_point> address_race::next_time() const {
  if (!has_left() || attempts_ == max_attempts) return std::nullopt;
  return earliest_;
}

bool address_race::is_over() const {
  if (under_way_ != 0) return false;
  if (attempts_ == max_attempts) return true;
  return !has_left() && six_.answered && four_.answered;
}

}  // namespace tunnel::proxy
