#include "client.hpp"

#include "read_into.hpp"

namespace tunnel::ssh::native::support {

client::client(options how) : how_(std::move(how)), link_(how_.how, repeatable_random(), now_) {}

void client::receive(octet_view data) {
  while (!data.empty() && !failure_) {
    data = read_into(link_.inbound(), data);
    go_on();
  }
}

void client::go_on() {
  while (!failure_) {
    const auto more = step();
    if (!more) {
      failure_ = more.error();
      link_.goodbye(*failure_);
    } else if (!*more) {
      break;
    }
  }
}

// False: nothing more can be made of what has come.
result<bool> client::step() {
  auto next = link_.next(now_);
  if (!next) return next.error();
  if (!*next) return false;
  if (auto* offered = std::get_if<transport::host_key_offered>(&**next)) {
    host_key_ = std::move(*offered);
    if (!how_.accept_host_key) return false;
    link_.accept_host_key(now_);
  } else if (const auto* message = std::get_if<transport::received>(&**next)) {
    const auto taken = on_received(*message);
    if (!taken) return taken.error();
  } else {
    established_ = true;
    if (how_.authenticate) authentication_.emplace(link_, "user");
  }
  return true;
}

result<void> client::on_received(const transport::received& message) {
  if (!connection_) return on_authentication_message(message);
  auto came = connection_->on_message(message, now_);
  if (!came) return came.error();
  if (*came) on_connection_event(std::move(**came));
  return boost::system::in_place_value;
}

result<void> client::on_authentication_message(const transport::received& message) {
  // A client that has not asked for a service yet has nobody who could take it.
  if (!authentication_) return boost::system::in_place_value;
  auto came = authentication_->on_message(message);
  if (!came) return came.error();
  if (!*came) return boost::system::in_place_value;
  authentication_events_.push_back(std::move(**came));
  const auto& event = authentication_events_.back();
  if (std::holds_alternative<authentication_protocol::success>(event)) connection_.emplace(link_);
  if (std::holds_alternative<authentication_protocol::ready>(event) && how_.request)
    how_.request(*authentication_);
  return boost::system::in_place_value;
}

void client::on_connection_event(connection_protocol::event came) {
  if (auto* data = std::get_if<connection_protocol::data>(&came)) {
    auto& to = delivered_[data->channel];
    to.insert(to.end(), data->octets.begin(), data->octets.end());
    if (how_.consume) connection_->consumed(data->channel, data->octets.size());
    data->octets = {};
  }
  const auto* closed = std::get_if<connection_protocol::closed>(&came);
  if (closed != nullptr && how_.close) connection_->close(closed->channel);
  events_.push_back(std::move(came));
}

}  // namespace tunnel::ssh::native::support
