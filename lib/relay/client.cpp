#include "relay/client.hpp"

#include <algorithm>
#include <utility>

#include "aio/address.hpp"
#include "base/text.hpp"
#include "udp/framing/encoder.hpp"

namespace tunnel::relay {
namespace {

namespace framing = udp::framing;

constexpr std::size_t input_size = std::size_t{128} * 1024;
// Others have their turn after so many reads.
constexpr int reads_per_turn = 4;
// For the sentence that says why it ends.
constexpr auto last_words_time = std::chrono::seconds(5);
constexpr auto longest_idle_watch = std::chrono::milliseconds(30'000);

// getaddrinfo(3) takes a C string, and no name of a host has anything else in it.
bool is_name(std::string_view text) {
  return std::ranges::all_of(text, [](char each) { return each > ' ' && each < 0x7f; });
}

asio::ip::address address_of(const framing::address_view& from) {
  if (from.type == socks::address_type::ipv4) {
    asio::ip::address_v4::bytes_type octets{};
    std::ranges::copy(from.host, octets.begin());
    return asio::ip::address_v4(octets);
  }
  asio::ip::address_v6::bytes_type octets{};
  std::ranges::copy(from.host, octets.begin());
  return aio::unmapped(asio::ip::address_v6(octets));
}

}  // namespace

client::client(std::unique_ptr<aio::byte_stream> stream, const policy& shared, resolver& by, frame_room& room)
    : stream_(std::move(stream)),
      policy_(shared),
      room_(room),
      input_(input_size),
      outbox_(shared.queued_octets),
      names_(by,
             [this](std::string_view name, const resolved& answer, const names::waiting_datagram& each) {
               send_to_answer(each.association, name, answer, each.port, each.payload);
               flush();
             }),
      idle_timer_(stream_->get_executor()),
      deadline_(stream_->get_executor()) {}

void client::start(ended_handler ended) {
  ended_ = std::move(ended);
  outbox_.begin_with(framing::greeting_octets);
  flush();
  watch_greeting();
  watch_idle();
  wait_for_input();
}

// --- from the client ---------------------------------------------------------------------------------------

void client::wait_for_input() {
  stream_->async_wait(aio::direction::read, [self = shared_from_this()](error_code failure) {
    if (self->closed_) return;
    if (failure) return self->end(with_reason("cannot read from " + self->peer(), failure));
    self->read();
  });
}

void client::read() {
  for (int i = 0; i < reads_per_turn; ++i) {
    const auto count = stream_->read_some(input_);
    if (!count) {
      if (count.error() == asio::error::would_block) break;
      return end(with_reason("cannot read from " + peer(), count.error()));
    }
    if (*count == 0) return end(boost::system::in_place_value);
    // After a failure it is read and forgotten: closing over unread octets can cost the client the reason.
    if (failure_) continue;
    decoder_.feed(octet_view(input_).first(*count));
    if (!take_events()) break;
    if (*count < input_.size()) break;
  }
  flush();
  if (!closed_) wait_for_input();
}

bool client::take_events() {
  for (;;) {
    const auto next = decoder_.next();
    if (!next) {
      fail(next.error());
      return false;
    }
    if (std::holds_alternative<framing::need_more>(*next)) return true;
    on_event(*next);
  }
}

void client::on_event(const framing::event& what) {
  if (const auto* datagram = std::get_if<framing::datagram>(&what)) {
    on_datagram(*datagram);
  } else if (const auto* closed = std::get_if<framing::closed>(&what)) {
    close_association(closed->association);
  }
}

void client::on_datagram(const framing::datagram& what) {
  auto* from = association_for(what.association);
  if (from == nullptr) return;
  from->touch();
  if (what.address.type == socks::address_type::domain_name) return send_to_name(*from, what);
  const auto host = address_of(what.address);
  if (const auto failure = send(*from, host, what.address.port, what.payload)) {
    notice(what.association, *from,
           "cannot send to " + framing::to_address(what.address).to_string() + ": " + failure.message());
  }
}

association* client::association_for(std::uint32_t number) {
  if (const auto found = associations_.find(number); found != associations_.end()) return found->second.get();
  if (associations_.size() >= policy_.associations) {
    say_closed(number, "the relay has too many associations");
    return nullptr;
  }
  downstream& self = *this;
  auto made = std::make_shared<association>(stream_->get_executor(), number, policy_.rules, room_, self);
  ++totals_.associations;
  return associations_.emplace(number, std::move(made)).first->second.get();
}

void client::close_association(std::uint32_t number) {
  const auto found = associations_.find(number);
  if (found == associations_.end()) return;
  const auto& counted = found->second->counted();
  totals_.datagrams.sent += counted.sent;
  totals_.datagrams.received += counted.received;
  totals_.datagrams.dropped += counted.dropped;
  found->second->close();
  associations_.erase(found);
}

// --- towards the peers -------------------------------------------------------------------------------------

void client::send_to_name(association& from, const framing::datagram& what) {
  const auto name = as_text(what.address.host);
  if (!is_name(name)) return notice(what.association, from, "what is to be looked up is not a name");
  if (const auto* known = names_.find(name))
    return send_to_answer(what.association, name, *known, what.address.port, what.payload);
  const auto outcome = names_.wait_for(name, what.association, what.address.port, what.payload);
  if (outcome == names::outcome::waits) return;
  ++totals_.unresolved;
  if (outcome == names::outcome::too_many)
    notice(what.association, from, "too many names are being looked up");
}

void client::send_to_answer(std::uint32_t number, std::string_view name, const resolved& answer,
                            std::uint16_t port, octet_view payload) {
  const auto found = associations_.find(number);
  if (closed_ || found == associations_.end()) return;
  auto& from = *found->second;
  if (const auto* why = std::get_if<std::string>(&answer)) {
    ++totals_.unresolved;
    return notice(number, from, "cannot resolve " + sanitise(name) + ": " + *why);
  }
  error_code failure = make_error_code(boost::system::errc::address_not_available);
  for (const auto& host : std::get<std::vector<asio::ip::address>>(answer)) {
    failure = send(from, host, port, payload);
    if (!failure) return;
  }
  notice(number, from, "cannot send to " + sanitise(name) + ": " + failure.message());
}

error_code client::send(association& from, const asio::ip::address& host, std::uint16_t port,
                        octet_view payload) {
  if (!policy_.rules.allows(host)) {
    ++totals_.denied;
    return make_error_code(boost::system::errc::permission_denied);
  }
  return from.send({host, port}, payload);
}

// --- to the client -----------------------------------------------------------------------------------------

void client::flush() {
  while (!closed_ && !writing_ && !outbox_.empty()) {
    const auto count = stream_->write_some(outbox_.front());
    if (count) {
      outbox_.sent(*count);
      continue;
    }
    if (count.error() != asio::error::would_block)
      return end(with_reason("cannot write to " + peer(), count.error()));
    writing_ = true;
    stream_->async_wait(aio::direction::write, [self = shared_from_this()](error_code failure) {
      self->writing_ = false;
      if (self->closed_) return;
      if (failure) return self->end(with_reason("cannot write to " + self->peer(), failure));
      self->flush();
    });
  }
  if (!closed_ && failure_ && outbox_.empty()) end(*failure_);
}

void client::notice(std::uint32_t number, association& about, const std::string& text) {
  if (!about.may_notice()) return;
  const auto size = framing::encode_notice(room_, number, text);
  outbox_.add(octet_view(room_).first(size));
}

void client::say_closed(std::uint32_t number, std::string_view reason) {
  const auto size = framing::encode_close(room_, number, reason);
  outbox_.add(octet_view(room_).first(size));
}

// --- time and the end --------------------------------------------------------------------------------------

void client::watch_greeting() {
  deadline_.expires_after(policy_.greeting_time);
  deadline_.async_wait([self = shared_from_this()](error_code failure) {
    if (failure || self->closed_ || self->failure_ || self->decoder_.has_greeted()) return;
    self->fail({make_error_code(boost::system::errc::timed_out), "no greeting came from the client in time"});
    self->flush();
  });
}

void client::watch_idle() {
  idle_timer_.expires_after(std::min(policy_.idle_timeout / 4, longest_idle_watch));
  idle_timer_.async_wait([self = shared_from_this()](error_code failure) {
    if (failure || self->closed_) return;
    self->close_idle();
    self->watch_idle();
  });
}

void client::close_idle() {
  const auto oldest = association::clock::now() - policy_.idle_timeout;
  std::vector<std::uint32_t> idle;
  for (const auto& [number, each] : associations_) {
    if (each->used() < oldest) idle.push_back(number);
  }
  for (const auto number : idle) {
    close_association(number);
    say_closed(number, "idle");
  }
  flush();
}

void client::fail(error why) {
  // Nothing may come behind the reason.
  while (!associations_.empty()) close_association(associations_.begin()->first);
  const auto size = framing::encode_failure(room_, why.message);
  outbox_.add(octet_view(room_).first(size));
  failure_ = std::move(why);
  deadline_.expires_after(last_words_time);
  deadline_.async_wait([self = shared_from_this()](error_code failure) {
    if (!failure && !self->closed_) self->end(*self->failure_);
  });
}

void client::end(result<void> outcome) {
  if (closed_) return;
  close();
  // Not from within a call on this.
  asio::post(stream_->get_executor(),
             [self = shared_from_this(), ended = std::move(ended_), outcome = std::move(outcome)] {
               if (ended) ended(outcome);
             });
}

void client::close() {
  if (std::exchange(closed_, true)) return;
  names_.close();
  idle_timer_.cancel();
  deadline_.cancel();
  while (!associations_.empty()) close_association(associations_.begin()->first);
  stream_->close();
}

std::string client::summary() const {
  return std::to_string(totals_.associations) + " associations, " + std::to_string(totals_.datagrams.sent) +
         " datagrams sent, " + std::to_string(totals_.datagrams.received) +
         " received; dropped: " + std::to_string(outbox_.dropped()) + " that the client did not read, " +
         std::to_string(totals_.denied) + " denied, " + std::to_string(totals_.unresolved) +
         " without an address, " + std::to_string(totals_.datagrams.dropped) + " others";
}

}  // namespace tunnel::relay
