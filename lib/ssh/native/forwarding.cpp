#include "ssh/native/forwarding.hpp"

#include <algorithm>
#include <utility>

#include "ssh/errors.hpp"

namespace tunnel::ssh::native {

namespace {

// Specification: RFC 4254 section 5.1.
constexpr std::uint32_t resource_shortage = 4;

host_and_port on_wire(const endpoint& at) {
  return {at.host, at.port};
}

}  // namespace

forwarding::forwarding(connection_protocol& protocol, asio::any_io_executor executor, channel_maker make,
                       step_runner run)
    : protocol_(protocol), executor_(std::move(executor)), make_(std::move(make)), run_(std::move(run)) {}

forwarding::~forwarding() {
  // Without end() before it, the executor is ending too, and no handler will ever run again.
  for (auto* each : listeners_) {
    each->owner_ = nullptr;
    each->lost_ = error{make_error_code(ssh::errc::connection_lost), "the connection was given up"};
  }
}

// --- asking ------------------------------------------------------------------------------------------------

std::shared_ptr<forwarding::answer> forwarding::ask(const endpoint& at,
                                                    std::chrono::steady_clock::duration limit) {
  auto waiting = std::make_shared<answer>(executor_, limit);
  run([&] {
    questions_.push_back({at, waiting});
    protocol_.listen(on_wire(at));
  });
  return waiting;
}

void forwarding::on_listening(const connection_protocol::listening& told) {
  // What fails here leaves the question where it is, for end() to settle.
  auto answered = answer_to(questions_.front().at, told);
  const auto waiting = std::move(questions_.front().waiting);
  questions_.pop_front();
  // A listener that nobody takes lets go of the port by itself.
  if (!waiting->given_up()) waiting->settle(std::move(answered));
}

forwarding::outcome forwarding::answer_to(endpoint at, const connection_protocol::listening& told) {
  if (!told.port) {
    return error{make_error_code(ssh::errc::request_refused), "the server refused to listen on " + at.text()};
  }
  at.port = static_cast<std::uint16_t>(*told.port);
  listeners_.reserve(listeners_.size() + 1);
  auto made = std::make_unique<forward_listener>(*this, std::move(at), executor_);
  listeners_.push_back(made.get());
  return std::unique_ptr<ssh::remote_listener>(std::move(made));
}

void forwarding::let_go(forward_listener& which) {
  std::erase(listeners_, &which);
  run([&] {
    protocol_.stop_listening(on_wire(which.at_));
    for (const auto& each : which.callers_)
      protocol_.reject(each.channel, connection_protocol::administratively_prohibited,
                       "nobody listens there");
  });
}

// --- those who connect -------------------------------------------------------------------------------------

forward_listener* forwarding::find(const host_and_port& at) {
  const auto found = std::ranges::find_if(listeners_, [&](const forward_listener* each) {
    return each->at_.port == at.port && each->at_.host == at.host;
  });
  return found == listeners_.end() ? nullptr : *found;
}

void forwarding::on_forwarded(const connection_protocol::forwarded& told) {
  auto* const to = find(told.listener);
  const bool full = to != nullptr && to->callers_.size() == ssh::remote_listener::max_waiting;
  if (to == nullptr || full) {
    const auto reason = full ? resource_shortage : connection_protocol::administratively_prohibited;
    return run([&] { protocol_.reject(told.channel, reason, "nobody takes it"); });
  }
  to->callers_.push_back({told.channel, {told.originator.host, told.originator.port}});
  admit(*to);
}

void forwarding::admit(forward_listener& which) {
  const auto alive = which.self_;
  while (*alive != nullptr && which.handler_ != nullptr && !which.callers_.empty()) {
    const auto next = std::move(which.callers_.front());
    which.callers_.pop_front();
    std::unique_ptr<ssh::channel> made;
    run([&] {
      protocol_.accept(next.channel);
      made = make_(next.channel);
    });
    if (made) which.handler_->on_connection(std::move(made), next.originator);
  }
}

// --- the end -----------------------------------------------------------------------------------------------

void forwarding::end(const error& why) {
  for (const auto& each : std::exchange(questions_, {})) each.waiting->settle(why);
  while (!listeners_.empty()) {
    auto* const gone = listeners_.back();
    listeners_.pop_back();
    gone->owner_ = nullptr;
    gone->lost_ = why;
    if (auto* handler = std::exchange(gone->handler_, nullptr)) handler->on_closed(why);
  }
}

}  // namespace tunnel::ssh::native
