#include "connection_user.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "invariant.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"

namespace tunnel::fuzz {

namespace {

using namespace tunnel::ssh::native;

// A user of many channels is no other than one of a few.
constexpr std::size_t max_channels = 32;
constexpr std::size_t max_listens = 16;
constexpr std::uint32_t max_amount = 128 * 1024;
// Nobody writes while more than this waits to be sent, as in the engine's driver.
constexpr std::size_t high_water = std::size_t{128} * 1024;
constexpr auto window = static_cast<std::int64_t>(receive_window::initial);

}  // namespace

std::optional<channel_id> connection_user::channel_at(std::size_t place) const {
  if (channels_.empty()) return std::nullopt;
  return std::next(channels_.begin(), static_cast<std::ptrdiff_t>(place % channels_.size()))->first;
}

std::optional<std::uint64_t> connection_user::delivered(channel_id id) const {
  const auto found = channels_.find(id);
  if (found == channels_.end() || found->second.now != channel::state::open) return std::nullopt;
  return found->second.delivered;
}

// --- what the user does ------------------------------------------------------------------------------------

void connection_user::act(script& from, time_point& now) {
  const octet choice = from.byte();
  switch (choice % 8) {
    case 0:
    case 1:
      return open(choice);
    case 2: {
      const host_and_port at{"", static_cast<std::uint16_t>(from.byte())};
      if (listens_.size() >= max_listens) return;
      listens_.push_back(at.port);
      return protocol_.listen(at);
    }
    case 3:
      now += std::chrono::milliseconds(1) * from.uint16();
      ++pings_;
      return protocol_.measure(now);
    case 4:
      ++pings_;
      return protocol_.ping(now);
    default: {
      const octet what = from.byte();
      return with_channel(choice, what, from.uint16(), now);
    }
  }
}

void connection_user::open(octet kind) {
  if (channels_.size() >= max_channels) return;
  channel opening;
  opening.session = kind % 3 == 2;
  const auto id = opening.session ? protocol_.open_session()
                  : kind % 3 == 1
                      ? protocol_.open_direct_streamlocal("/run/socket")
                      : protocol_.open_direct_tcpip({"target.example", 443}, {"127.0.0.1", 50000});
  // A number is used again only once nothing more can come for it.
  require(channels_.emplace(id, opening).second);
  ++opens_;
}

void connection_user::with_channel(octet what, octet place, std::uint32_t amount, time_point now) {
  const auto id = channel_at(place);
  if (!id) return;
  const octet choice = what / 8;
  switch (channels_.at(*id).now) {
    case channel::state::opening:
      protocol_.abandon(*id);
      channels_.erase(*id);
      return;
    case channel::state::offered:
      return act_on_offered(choice, *id);
    case channel::state::open:
      return act_on_open(choice, *id, amount, now);
  }
}

void connection_user::act_on_offered(octet what, channel_id id) {
  if (what % 4 == 0) {
    protocol_.reject(id, protocol::administratively_prohibited, "not now");
    channels_.erase(id);
    return;
  }
  auto& accepted = channels_.at(id);
  protocol_.accept(id);
  accepted.now = channel::state::open;
  credit_[accepted.remote] += window;
}

void connection_user::act_on_open(octet what, channel_id id, std::uint32_t amount, time_point now) {
  auto& which = channels_.at(id);
  switch (what % 8) {
    case 0:
    case 1:
    case 2:
      return write(id, amount * 2, now);
    case 3:
      if (!which.session || which.close_received || std::exchange(which.exec_sent, true)) return;
      which.exec_due = true;
      return protocol_.request_exec(id, "true");
    case 4:
      which.eof_sent = true;
      return protocol_.send_eof(id);
    case 5:
      return close(id);
    default:
      return read(id, amount);
  }
}

void connection_user::write(channel_id id, std::uint32_t amount, time_point now) {
  auto& which = channels_.at(id);
  if (link_.exchanging() || link_.pending().size() >= high_water) return;
  std::array<octet_span, 4> places;
  const auto count = protocol_.prepare(id, places);
  std::size_t room = 0;
  for (const auto& place : std::span(places).first(count)) {
    require(!place.empty() && place.size() <= which.remote_max_packet && place.size() <= protocol::max_sent);
    room += place.size();
  }
  require(room <= which.remote_window);
  if (count == 0) {
    require(which.eof_sent || which.remote_window == 0);
    which.wants_room |= !which.eof_sent;
    return;
  }
  const std::size_t wanted = std::min<std::size_t>({amount, room, max_amount});
  std::size_t left = wanted;
  for (const auto& place : std::span(places).first(count))
    for (auto& each : place.first(std::min(left, place.size()))) {
      each = pattern(id, which.sent++);
      --left;
    }
  which.remote_window -= wanted;
  protocol_.commit(id, wanted, now);
}

void connection_user::read(channel_id id, std::uint64_t amount) {
  auto& which = channels_.at(id);
  const auto count = std::min(amount, which.unread);
  which.unread -= count;
  protocol_.consumed(id, count);
}

void connection_user::close(channel_id id) {
  protocol_.close(id);
  channels_.erase(id);
}

// --- what the user sent ------------------------------------------------------------------------------------

void connection_user::on_sent(octet_view payload) {
  wire::reader from(payload);
  if (from.byte() != message::channel_window_adjust) return;
  const auto remote = from.uint32();
  const auto more = from.uint32();
  require(remote && more && *more != 0 && from.at_end());
  credit_[*remote] += *more;
}

// --- what comes --------------------------------------------------------------------------------------------

result<void> connection_user::take(const transport::received& message, time_point now) {
  last_payload_ = message.payload;
  const octets payload(message.payload.begin(), message.payload.end());
  auto event = protocol_.on_message(message, now);
  if (!event) return event.error();
  note(payload);
  if (*event) std::visit([this](const auto& told) { on(told); }, **event);
  require(protocol_.channels() <= opens_ + forwards_);
  return boost::system::in_place_value;
}

// What a good message says of a channel's sending side.
void connection_user::note(octet_view payload) {
  wire::reader from(payload);
  const auto number = from.byte();
  announced_ = {};
  if (number == message::channel_window_adjust) {
    const auto found = channels_.find(from.uint32().value());
    if (found != channels_.end()) found->second.remote_window += from.uint32().value();
    return;
  }
  if (number == message::channel_open) static_cast<void>(from.string());
  // Recipient, then sender.
  if (number == message::channel_open_confirmation) static_cast<void>(from.uint32());
  if (number != message::channel_open && number != message::channel_open_confirmation) return;
  announced_.remote = from.uint32().value();
  announced_.remote_window = from.uint32().value();
  announced_.remote_max_packet = from.uint32().value();
}

connection_user::channel& connection_user::in(channel_id id, channel::state wanted) {
  const auto found = channels_.find(id);
  require(found != channels_.end() && found->second.now == wanted);
  return found->second;
}

connection_user::channel& connection_user::open_one(channel_id id) {
  auto& which = in(id, channel::state::open);
  require(!which.close_received);
  return which;
}

void connection_user::on(const protocol::opened& told) {
  auto& which = in(told.channel, channel::state::opening);
  announced_.session = which.session;
  announced_.now = channel::state::open;
  which = announced_;
  require(which.remote_max_packet != 0);
  credit_[which.remote] += window;
}

void connection_user::on(const protocol::open_failed& told) {
  in(told.channel, channel::state::opening);
  require(told.description.size() < last_payload_.size());
  channels_.erase(told.channel);
}

void connection_user::on(const protocol::data& told) {
  auto& which = open_one(told.channel);
  require(!which.eof_received && !told.octets.empty() && told.octets.size() <= protocol::max_packet);
  which.unread += told.octets.size();
  require(which.unread <= receive_window::largest);
  auto& credit = credit_[which.remote];
  credit -= static_cast<std::int64_t>(told.octets.size());
  // What was granted may not have reached the server.
  require(credit >= 0 || link_.exchanging() || !link_.pending().empty());
  for (const octet each : told.octets)
    require(each == pattern(told.channel, which.delivered++) || !expects_pattern_);
  if (reads_at_once_) read(told.channel, told.octets.size());
}

void connection_user::on(const protocol::eof& told) {
  auto& which = open_one(told.channel);
  require(!std::exchange(which.eof_received, true));
}

void connection_user::on(const protocol::closed& told) {
  open_one(told.channel).close_received = true;
}

void connection_user::on(const protocol::writable& told) {
  auto& which = open_one(told.channel);
  require(std::exchange(which.wants_room, false) && which.remote_window != 0);
}

void connection_user::on(const protocol::exec_answered& told) {
  require(std::exchange(open_one(told.channel).exec_due, false));
}

void connection_user::on(const protocol::exited& told) {
  open_one(told.channel);
}

void connection_user::on(const protocol::listening& told) {
  require(!listens_.empty());
  const auto asked = listens_.front();
  listens_.pop_front();
  require(!told.port || (*told.port != 0 && *told.port <= 65535 && (asked == 0 || *told.port == asked)));
}

void connection_user::on(const protocol::forwarded& told) {
  announced_.now = channel::state::offered;
  ++forwards_;
  require(channels_.emplace(told.channel, announced_).second);
  require(told.originator.host.size() < last_payload_.size());
}

void connection_user::on(const protocol::server_host_keys& told) {
  std::size_t whole = 0;
  for (const auto& key : told.keys) whole += 4 + key.size();
  require(whole < last_payload_.size());
}

// Nobody asks for it.
void connection_user::on(const protocol::host_keys_proved& /*told*/) {
  require(false);
}

void connection_user::on(const protocol::pong& /*told*/) {
  require(pings_ != 0);
}

}  // namespace tunnel::fuzz
