#include "dns/query_table.hpp"

#include <algorithm>
#include <utility>

#include "dns/errors.hpp"

namespace tunnel::dns {

result<std::uint16_t> query_table::add(octets query, handler done, time_point now) {
  auto asked = read_question(query);
  if (!asked || is_response(query) || query.size() > max_message) {
    return error{errc::bad_query, "what was to be asked is no query with one question"};
  }
  if (queries_.size() >= max_queries || octets_ + query.size() > max_octets) {
    return error{errc::busy, "too many queries wait for the name server already"};
  }
  const auto id = unused_id();
  const auto original = identification(query);
  set_identification(query, id);
  octets_ += query.size();
  queries_.emplace(id,
                   entry{original, std::move(*asked), std::move(query), std::move(done), now, next_order_++});
  return id;
}

bool query_table::answer(octets message) {
  if (message.size() < header_size || !is_response(message)) return false;
  const auto place = queries_.find(identification(message));
  if (place == queries_.end()) return false;
  const auto asked = read_question(message);
  // One who cannot parse the question need not repeat it (FORMERR).
  const bool to_none = number_of_questions(message) == 0 &&
                       rcode(message) == static_cast<unsigned>(response_code::format_error);
  if (!to_none && asked != place->second.asked) return false;
  set_identification(message, place->second.original_id);
  const auto done = std::move(place->second.done);
  remove(place->first);
  done(std::move(message));
  return true;
}

void query_table::remove(std::uint16_t id) {
  const auto place = queries_.find(id);
  if (place == queries_.end()) return;
  octets_ -= place->second.message.size();
  queries_.erase(place);
}

void query_table::fail_all(const error& why) {
  octets_ = 0;
  for (auto& [id, each] : std::exchange(queries_, {})) each.done(why);
}

std::vector<std::uint16_t> query_table::in_order() const {
  std::vector<std::uint16_t> ids;
  ids.reserve(queries_.size());
  for (const auto& [id, each] : queries_) ids.push_back(id);
  std::sort(ids.begin(), ids.end(), [this](std::uint16_t one, std::uint16_t other) {
    return queries_.at(one).order < queries_.at(other).order;
  });
  return ids;
}

std::optional<query_table::time_point> query_table::oldest() const {
  if (queries_.empty()) return std::nullopt;
  const auto first = std::min_element(
      queries_.begin(), queries_.end(),
      [](const auto& one, const auto& other) { return one.second.since < other.second.since; });
  return first->second.since;
}

void query_table::restart(time_point now) {
  for (auto& [id, each] : queries_) each.since = now;
}

std::uint16_t query_table::unused_id() {
  // At most max_queries of 65,536 are taken, so this ends soon.
  for (;;) {
    const auto id = ids_();
    if (!queries_.contains(id)) return id;
  }
}

}  // namespace tunnel::dns
