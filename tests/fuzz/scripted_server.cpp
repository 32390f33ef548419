#include "scripted_server.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "connection_user.hpp"
#include "invariant.hpp"
#include "messages.hpp"
#include "ssh/native/core/connection_protocol.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::fuzz {

namespace {

using namespace tunnel::ssh::native;

// What makes a step wrong: right ones leave it out.
constexpr octet wrong = 0x80;
// The server's numbers: of the channels that the client opens, from the client's number on.
constexpr std::uint32_t first_own = 1000;
constexpr std::uint32_t first_forwarded = 1'000'000;
constexpr std::size_t max_burst = std::size_t{3} * 1024 * 1024;
constexpr std::size_t max_requests = 64;

std::string printable(octet_view data) {
  return std::string(as_text(data));
}

}  // namespace

scripted_server::scripted_server(peer& server) : server_(server), next_forwarded_(first_forwarded) {
  server_.set_script([this](peer& /*server*/, octet_view payload) { on_message(payload); });
}

bool scripted_server::may_send() const {
  return server_.exchanges() != 0 && !server_.exchanging();
}

void scripted_server::flush() {
  while (!due_.empty() && may_send()) {
    server_.send(due_.front());
    due_.pop_front();
  }
}

void scripted_server::pass_time(bool client_exchanges) {
  if (client_exchanges || server_.has_exchange()) right_ = false;
}

void scripted_server::settle() {
  server_.release();
  flush();
}

std::vector<scripted_server::amount> scripted_server::amounts() const {
  std::vector<amount> sent;
  for (const auto& [own, each] : channels_)
    if (each.open && !each.close_received) sent.push_back({each.remote, each.sent});
  return sent;
}

// --- what the server does ----------------------------------------------------------------------------------

void scripted_server::act(script& from) {
  flush();
  const octet what = from.byte();
  if ((what & wrong) != 0) {
    act_wrong(what & ~wrong, from);
  } else {
    act_right(what, from);
  }
}

void scripted_server::act_right(octet what, script& from) {
  // Holding back and beginning again what is no message.
  switch (what % 16) {
    case 0:
      return server_.hold(peer::stage::reply);
    case 1:
      return server_.hold(peer::stage::newkeys);
    case 2:
      return server_.release();
    case 3:
      if (server_.exchanges() != 0 && !server_.has_exchange()) server_.send_kexinit();
      return;
    default:
      break;
  }
  if (!may_send()) return;
  switch (what % 16) {
    case 4:
      return server_.send(support::ignore(as_text(from.string())));
    case 5:
      return server_.send(support::debug(as_text(from.string())));
    case 6:
      return server_.send(support::unimplemented(from.uint16()));
    default:
      break;
  }
  if (!authenticated_) return answer_user();
  switch (what % 16) {
    case 7:
      return server_.send(support::ping(as_text(from.string())));
    case 8: {
      const bool wants_reply = from.byte() % 2 == 1;
      asked_client_ += wants_reply ? 1 : 0;
      return server_.send(support::global_request(printable(from.string()), wants_reply));
    }
    case 9:
      return answer_global(from.byte());
    case 10:
      return open_forwarded(from);
    default:
      return act_on_channel(what / 16, from);
  }
}

void scripted_server::act_wrong(octet what, script& from) {
  const auto payload = from.string();
  // Nothing of it is a rule that was kept.
  right_ = false;
  switch (what % 8) {
    case 0:
      return server_.raw(payload);
    case 1:
      return server_.packets().set_sequence_number(from.uint32());
    case 2:
      return send_changed_packet(payload, from);
    case 3:
      server_.how().alter_reply = [bit = from.uint16()](support::kex_reply& reply) {
        auto& part = bit % 3 == 0 ? reply.host_key : bit % 3 == 1 ? reply.public_value : reply.signature;
        if (!part.empty()) part[(bit / 24) % part.size()] ^= static_cast<octet>(1U << (bit / 3 % 8));
      };
      return;
    case 4:
      server_.how().host_key = support::repeatable_key(from.byte());
      return;
    default:
      // In whatever state.
      if (!payload.empty()) server_.send(payload);
      return;
  }
}

// A packet of which some octets are others, before they were sealed or afterwards.
void scripted_server::send_changed_packet(octet_view payload, script& from) {
  auto packet = server_.packets().framed(payload);
  const auto place = from.uint16();
  const auto change = from.byte();
  if (place % 2 == 0) packet[place / 2 % packet.size()] ^= change;
  auto sealed = server_.packets().seal(std::move(packet));
  if (place % 2 == 1) sealed[place / 2 % sealed.size()] ^= change;
  server_.raw(sealed);
}

void scripted_server::answer_user() {
  // Granted, refused or asked again is a matter of userauth_reply_fuzz.cpp.
  if (!due_.empty()) return;
  grants_user_ = true;
}

void scripted_server::answer_global(octet what) {
  if (questions_.empty()) return;
  const auto question = questions_.front();
  questions_.pop_front();
  if (what % 2 == 0) return server_.send(support::request_failure());
  octets port;
  const std::uint32_t chosen = question.port != 0 ? question.port : 40000U + what;
  if (question.listens && question.port == 0) wire::writer(port).uint32(chosen);
  if (question.listens) listening_.push_back(chosen);
  server_.send(support::request_success(port));
}

void scripted_server::open_forwarded(script& from) {
  if (channels_.size() >= max_requests) return;
  const octet which = from.byte();
  const std::uint32_t port = listening_.empty() ? which : listening_[which % listening_.size()];
  const std::uint32_t own = next_forwarded_++;
  auto& opening = channels_[own];
  opening.asked_by_client = false;
  opening.granted = from.uint32();
  opening.granted_max_packet = 1 + from.uint16();
  const support::window offered{static_cast<std::uint32_t>(opening.granted), opening.granted_max_packet};
  if (which % 8 == 7) {
    server_.send(support::channel_open("session", own, {}, offered));
  } else {
    server_.send(
        support::channel_open("forwarded-tcpip", own, support::forwarded_details("", port), offered));
  }
}

void scripted_server::act_on_channel(octet what, script& from) {
  if (channels_.empty()) return;
  const auto at = std::next(channels_.begin(), static_cast<std::ptrdiff_t>(from.byte() % channels_.size()));
  auto& which = at->second;
  if (!which.open) return which.asked_by_client ? act_on_asked(what, at, from) : void();
  if (which.close_sent) return;
  switch (what % 8) {
    case 0:
      return send_data(at, std::min<std::uint64_t>(from.uint16(), connection_protocol::max_packet));
    case 1:
      return send_data(at, std::size_t{4096} * from.byte());
    case 2: {
      const auto more =
          std::min<std::uint64_t>(from.uint32(), std::numeric_limits<std::uint32_t>::max() - which.granted);
      which.granted += more;
      return server_.send(support::channel_window_adjust(which.remote, static_cast<std::uint32_t>(more)));
    }
    case 3:
      if (!std::exchange(which.eof_sent, true)) server_.send(support::channel_eof(which.remote));
      return;
    case 4:
      return send_close(at);
    case 5: {
      octets status;
      wire::writer(status).uint32(from.byte());
      return server_.send(support::channel_request(which.remote, "exit-status", false, status));
    }
    case 6:
      return server_.send(
          support::channel_request(which.remote, printable(from.string()) + "@example", true));
    default:
      if (which.requests == 0) return;
      --which.requests;
      return server_.send(from.byte() % 2 == 0 ? support::channel_success(which.remote)
                                               : support::channel_failure(which.remote));
  }
}

void scripted_server::act_on_asked(octet what, place at, script& from) {
  if (what % 4 != 0) return confirm(at, from);
  server_.send(support::channel_open_failure(at->second.remote, from.byte() % 6, printable(from.string())));
  channels_.erase(at);
}

void scripted_server::confirm(place at, script& from) {
  auto& which = at->second;
  which.open = true;
  which.granted = from.uint32();
  which.granted_max_packet = 1 + from.uint16();
  server_.send(support::channel_open_confirmation(
      which.remote, at->first, {static_cast<std::uint32_t>(which.granted), which.granted_max_packet}));
}

void scripted_server::send_data(place at, std::uint64_t wanted) {
  auto& which = at->second;
  if (which.eof_sent) return;
  wanted = std::min<std::uint64_t>({wanted, which.credit, max_burst});
  which.credit -= wanted;
  while (wanted != 0) {
    octets part(std::min<std::uint64_t>(wanted, which.max_packet));
    for (auto& each : part) each = connection_user::pattern(which.remote, which.sent++);
    wanted -= part.size();
    server_.send(support::channel_data(which.remote, part));
  }
}

void scripted_server::send_close(place at) {
  auto& which = at->second;
  which.close_sent = true;
  server_.send(support::channel_close(which.remote));
  if (which.close_received) channels_.erase(at);
}

// --- what the client says ----------------------------------------------------------------------------------

void scripted_server::on_message(octet_view payload) {
  const octet number = payload.front();
  if (!right_) return;
  switch (number) {
    case message::service_request:
      due_.push_back(support::service_accept());
      break;
    case message::userauth_request:
      if (!grants_user_) due_.push_back(support::userauth_failure({"none"}));
      if (!grants_user_) break;
      due_.push_back(support::userauth_success());
      authenticated_ = true;
      break;
    case message::global_request:
      return on_global_request(payload);
    case message::request_success:
    case message::request_failure:
      require(asked_client_ != 0);
      --asked_client_;
      return;
    case message::channel_open:
      return on_open(payload);
    case message::ping:
      due_.push_back(support::pong());
      break;
    case message::unimplemented:
    case message::disconnect:
    case message::pong:
      return;
    default:
      require(authenticated_);
      return on_channel_message(payload);
  }
  flush();
}

void scripted_server::on_open(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto type = from.text();
  const auto sender = from.uint32();
  const auto window = from.uint32();
  const auto max_packet = from.uint32();
  require(authenticated_ && type && sender && window && max_packet);
  channel asked;
  asked.remote = *sender;
  asked.credit = *window;
  asked.max_packet = *max_packet;
  // The client's number is free only when both sides have closed.
  require(channels_.emplace(first_own + *sender, asked).second);
}

void scripted_server::on_channel_message(octet_view payload) {
  wire::reader from(payload);
  const auto number = from.byte().value();
  const auto own = from.uint32();
  require(own.has_value());
  const auto at = channels_.find(*own);
  require(at != channels_.end() && !at->second.close_received);
  auto& which = at->second;
  if (number == message::channel_open_failure) {
    require(!which.open && !which.asked_by_client);
    channels_.erase(at);
    return;
  }
  if (number == message::channel_open_confirmation) return on_confirmed(at, from.rest());
  require(which.open);
  switch (number) {
    case message::channel_window_adjust: {
      const auto more = from.uint32();
      require(more && from.at_end() && *more != 0);
      which.credit += *more;
      return require(which.credit <= std::numeric_limits<std::uint32_t>::max());
    }
    case message::channel_data:
      return on_data(at, from.rest());
    case message::channel_eof:
      return require(from.at_end() && !std::exchange(which.eof_received, true));
    case message::channel_close:
      require(from.at_end());
      return on_closed(at);
    case message::channel_request:
      ++which.requests;
      return require(from.text() == "exec");
    default:
      return require(number == message::channel_failure);
  }
}

void scripted_server::on_confirmed(place at, octet_view rest) {
  auto& which = at->second;
  wire::reader from(rest);
  const auto sender = from.uint32();
  const auto window = from.uint32();
  const auto max_packet = from.uint32();
  require(!which.open && !which.asked_by_client && sender && window && max_packet && from.at_end());
  which.open = true;
  which.remote = *sender;
  which.credit = *window;
  which.max_packet = *max_packet;
}

void scripted_server::on_data(place at, octet_view rest) {
  auto& which = at->second;
  wire::reader from(rest);
  const auto data = from.string();
  require(data && from.at_end() && !data->empty() && !which.eof_received);
  require(data->size() <= which.granted && data->size() <= which.granted_max_packet);
  which.granted -= data->size();
  for (const octet each : *data) require(each == connection_user::pattern(which.remote, which.received++));
}

void scripted_server::on_closed(place at) {
  at->second.close_received = true;
  if (at->second.close_sent) channels_.erase(at);
}

void scripted_server::on_global_request(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto name = from.text();
  const auto wants_reply = from.boolean();
  require(name && wants_reply && *wants_reply);
  question asked;
  asked.listens = *name == "tcpip-forward";
  if (asked.listens) {
    const auto address = from.string();
    const auto port = from.uint32();
    require(address && port && from.at_end());
    asked.port = *port;
  }
  questions_.push_back(asked);
}

}  // namespace tunnel::fuzz
