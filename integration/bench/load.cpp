#include "load.hpp"

#include <algorithm>

#include "interruption.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {

void load::add(std::unique_ptr<flow> started) {
  const int number = started->number();
  const auto place = static_cast<std::size_t>(number);
  if (by_number_.size() <= place) by_number_.resize(place + 1);
  by_number_[place] = flows_.size();
  poller_.add(number, started->wanted());
  const std::uint32_t wanted = started->wanted();
  flows_.push_back({std::move(started), number, wanted});
}

void load::update(flow& changed) {
  const auto same = [&](const watched& one) { return one.what.get() == &changed; };
  update(*std::ranges::find_if(flows_, same));
}

void load::update(watched& changed) {
  const bool closed = changed.what->number() < 0;
  const std::uint32_t wanted = changed.what->wanted();
  if (!closed && wanted != changed.wanted) poller_.modify(changed.number, wanted);
  changed.wanted = wanted;
}

void load::run_once(clock::time_point until) {
  throw_if_interrupted();
  // A signal may have come to another thread, so no wait is long.
  const auto soon = clock::now() + std::chrono::milliseconds(100);
  for (const epoll_event& event : poller_.wait(std::min(until, soon))) {
    watched& ready = flows_[by_number_[static_cast<std::size_t>(event.data.fd)]];
    const bool was_complete = ready.what->is_complete();
    ready.what->on_ready(event.events);
    if (!was_complete && ready.what->is_complete()) ++completed_;
    update(ready);
  }
}

void load::run_until(const std::function<bool()>& enough, const char* what) {
  while (!enough()) {
    if (clock::now() >= deadline_) throw run_failure(std::string("too late: ") + what);
    run_once(deadline_);
  }
}

void load::run_until(clock::time_point until) {
  if (until > deadline_) throw run_failure("too late: no time left");
  while (clock::now() < until) run_once(until);
}

}  // namespace tunnel::bench
