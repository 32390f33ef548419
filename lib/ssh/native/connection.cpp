#include "ssh/native/connection.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "base/text.hpp"
#include "ssh/errors.hpp"

namespace tunnel::ssh::native {

namespace {

// Beyond this much unsent output nobody may write: a bulk upload waits for the network, not in memory.
constexpr std::size_t output_high_water = std::size_t{128} * 1024;
// What is expedited may pass as much more.
constexpr std::size_t expedited_octets = std::size_t{64} * 1024;
// Reads before others on the thread get their turn.
constexpr int reads_per_turn = 4;

time_point now() {
  return std::chrono::steady_clock::now();
}

connection_info describe(link& carrier) {
  const auto& protocol = carrier.protocol();
  const auto& common = protocol.algorithms();
  return {.server = sanitise(protocol.server_identification()),
          .kex = common.kex,
          .host_key = common.host_key,
          .cipher = common.cipher_in,
          .mac = common.mac_in,
          .address = carrier.stream().remote_address()};
}

}  // namespace

connection::connection(std::unique_ptr<link> carrier, host_key_verifier& keys)
    : link_(std::move(carrier)),
      protocol_(link_->protocol()),
      forwarding_(
          protocol_, link_->stream().get_executor(), [this](channel_id id) { return adopt(id); },
          [this](const std::function<void()>& step) {
            attempt(step);
            schedule_flush();
          }),
      info_(describe(*link_)),
      host_keys_(keys),
      deadline_timer_(link_->stream().get_executor()) {}

connection::~connection() {
  // Without close() before it, the executor is ending too, and no handler will ever run again.
  for (const auto& each : places_) {
    if (each.owner == nullptr) continue;
    each.owner->owner_ = nullptr;
    // Short enough to need no memory.
    each.owner->lost_ = error{make_error_code(ssh::errc::connection_lost), "it was given up"};
  }
}

void connection::observe(connection_observer* observer) {
  observer_ = observer;
}

void connection::start() {
  // What came behind the last answer of the authentication is there already.
  asio::post(get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->ended_) return;
    self->attempt([&] {
      if (!self->process()) return;
      self->flush();
      self->wait_readable();
    });
  });
}

// --- events ------------------------------------------------------------------------------------------------

// As a channel may be the caller.
void connection::end_later(const std::string& what) {
  asio::post(get_executor(), [weak = weak_from_this(), what] {
    if (const auto self = weak.lock())
      self->end(self->lost({make_error_code(ssh::errc::connection_lost), what}));
  });
}

void connection::wait_readable() {
  if (ended_) return;
  link_->stream().async_wait(aio::direction::read,
                             [weak = weak_from_this()](boost::system::error_code failure) {
                               const auto self = weak.lock();
                               if (!self || failure) return;
                               self->attempt([&] {
                                 if (!self->take_input()) return;
                                 self->flush();
                                 self->wait_readable();
                               });
                             });
}

void connection::wait_writable() {
  if (waiting_writable_ || ended_) return;
  waiting_writable_ = true;
  link_->stream().async_wait(aio::direction::write,
                             [weak = weak_from_this()](boost::system::error_code failure) {
                               const auto self = weak.lock();
                               if (!self) return;
                               self->waiting_writable_ = false;
                               if (!failure && !self->ended_) self->attempt([&] { self->flush(); });
                             });
}

// Deadlines move with each key exchange, and with channels that are held back.
void connection::watch_deadline() {
  auto deadline = link_->protocol().next_deadline();
  if (const auto other = protocol_.next_deadline()) deadline = std::min(deadline, *other);
  if (ended_ || deadline_timer_.expiry() == deadline) return;
  deadline_timer_.expires_at(deadline);
  deadline_timer_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    const auto self = weak.lock();
    if (self && !failure) self->attempt([&] { self->on_deadline(); });
  });
}

void connection::on_deadline() {
  // What the server sent may be there already.
  if (!take_input()) return;
  for (const auto id : protocol_.on_deadline(now())) on_writable(id);
  flush();
}

void connection::schedule_flush() {
  if (flush_posted_ || ended_) return;
  flush_posted_ = true;
  attempt([&] {
    asio::post(get_executor(), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->flush_posted_ = false;
      if (!self->ended_) self->attempt([&] { self->flush(); });
    });
  });
}

void connection::flush() {
  const auto sent = link_->flush();
  if (!sent) return end(lost(sent.error()));
  if (!link_->protocol().pending().empty()) wait_writable();
  serve_line();
  watch_deadline();
  if (!ended_ && !waiting_writable_ && !link_->protocol().pending().empty()) schedule_flush();
}

// --- receiving ---------------------------------------------------------------------------------------------

// False: the connection is over.
bool connection::take_input() {
  for (int reads = 0; reads < reads_per_turn && !ended_; ++reads) {
    const auto received = link_->receive();
    if (!received) {
      end(lost(received.error()));
      break;
    }
    if (!process()) break;
    if (*received != link::progress::more_may_be_there) break;
  }
  return !ended_;
}

result<void> connection::read_messages(time_point when) {
  while (!ended_) {
    const auto next = link_->protocol().next(when);
    if (!next) return next.error();
    if (!*next) break;
    const auto* message = std::get_if<transport::received>(&**next);
    if (message == nullptr) continue;
    const auto event = protocol_.on_message(*message, when);
    if (!event) return event.error();
    if (*event) handle(**event);
  }
  return boost::system::in_place_value;
}

// False: the connection is over.
bool connection::process() {
  const auto when = now();
  const auto outcome = read_messages(when);
  // What was right before a violation is the clients' own.
  deliver_gathered();
  if (!outcome) return fall_out(outcome.error());
  if (!ended_) protocol_.measure(when);
  return !ended_;
}

// Tells the server which rule it broke.
bool connection::fall_out(const error& why) {
  if (ended_) return false;
  link_->close(why);
  end(lost(why));
  return false;
}

void connection::handle(const connection_protocol::event& event) {
  using protocol = connection_protocol;
  std::visit(
      [this](const auto& told) {
        using kind = std::decay_t<decltype(told)>;
        if constexpr (std::is_same_v<kind, protocol::data>)
          told.standard_error ? on_standard_error(told) : on_data(told);
        if constexpr (std::is_same_v<kind, protocol::opened>) on_opened(told.channel);
        if constexpr (std::is_same_v<kind, protocol::open_failed>) on_open_failed(told);
        if constexpr (std::is_same_v<kind, protocol::eof>) on_eof(told.channel);
        if constexpr (std::is_same_v<kind, protocol::closed>) on_closed(told.channel);
        if constexpr (std::is_same_v<kind, protocol::writable>) on_writable(told.channel);
        if constexpr (std::is_same_v<kind, protocol::exec_answered>) on_exec_answered(told);
        if constexpr (std::is_same_v<kind, protocol::exited>) on_exited(told);
        if constexpr (std::is_same_v<kind, protocol::listening>) forwarding_.on_listening(told);
        if constexpr (std::is_same_v<kind, protocol::forwarded>) forwarding_.on_forwarded(told);
        if constexpr (std::is_same_v<kind, protocol::server_host_keys>) on_host_keys(told);
        if constexpr (std::is_same_v<kind, protocol::host_keys_proved>) on_host_keys_proved(told);
      },
      event);
}

// A server that says it again before it has proved what it said is not heard: once is what sshd does.
void connection::on_host_keys(const connection_protocol::server_host_keys& told) {
  if (!offered_host_keys_.empty()) return;
  auto unproved = host_keys_.unproved(told.keys);
  if (!unproved) return;
  if (unproved->empty()) return host_keys_.update(told.keys);
  offered_host_keys_ = told.keys;
  protocol_.prove_host_keys(std::move(*unproved));
}

void connection::on_host_keys_proved(const connection_protocol::host_keys_proved& told) {
  const auto offered = std::exchange(offered_host_keys_, {});
  if (told.outcome) return host_keys_.update(offered);
  log::warn("{} did not prove that it has the host keys that it named: {}", link_->stream().peer(),
            told.outcome.error().message);
}

void connection::on_data(const connection_protocol::data& came) {
  auto* to = find(came.channel);
  // What is held goes first, even though the handler wants more by now.
  if (to->paused_ || !to->held_.empty()) {
    to->held_.insert(to->held_.end(), came.octets.begin(), came.octets.end());
    return;
  }
  const auto index = static_cast<std::uint32_t>(pieces_.size());
  pieces_.push_back({came.octets});
  if (to->pieces_ == 0) {
    to->first_piece_ = index;
    gathered_.push_back(came.channel);
  } else {
    pieces_[to->last_piece_].next = index;
  }
  to->last_piece_ = index;
  ++to->pieces_;
  to->piece_octets_ += static_cast<std::uint32_t>(came.octets.size());
  if (to->pieces_ == ssh::channel::max_pieces ||
      to->piece_octets_ + connection_protocol::max_packet > ssh::channel::max_delivery)
    deliver(came.channel);
}

void connection::deliver(channel_id id) {
  auto* to = find(id);
  if (to == nullptr || to->pieces_ == 0) return;
  std::array<octet_view, ssh::channel::max_pieces> chain;
  const std::uint32_t count = std::exchange(to->pieces_, 0);
  const std::uint32_t octets = std::exchange(to->piece_octets_, 0);
  std::uint32_t index = to->first_piece_;
  for (auto& each : std::span(chain).first(count)) {
    each = pieces_[index].octets;
    index = pieces_[index].next;
  }
  const bool goes_on = to->handler_->on_data(std::span(chain).first(count));
  to = find(id);
  if (to == nullptr) return;
  to->paused_ = !goes_on;
  protocol_.consumed(id, octets);
}

void connection::deliver_gathered() {
  // A handler may end the connection, but nothing is gathered anew meanwhile.
  for (std::size_t i = 0; i < gathered_.size() && !ended_; ++i) deliver(gathered_[i]);
  gathered_.clear();
  pieces_.clear();
}

void connection::on_eof(channel_id id) {
  deliver(id);
  if (auto* to = find(id)) {
    to->eof_due_ = true;
    serve(id);
  }
}

void connection::on_closed(channel_id id) {
  deliver(id);
  if (auto* to = find(id)) {
    if (to->command_) to->command_->refuse();
    to->closed_due_ = true;
    serve(id);
  }
}

void connection::on_writable(channel_id id) {
  const auto* const to = find(id);
  if (to != nullptr && to->handler_ != nullptr) to->handler_->on_writable();
}

void connection::schedule_service(channel& which) {
  attempt([&] {
    to_serve_.push_back(which.id_);
    if (std::exchange(serve_posted_, true)) return;
    asio::post(get_executor(), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->serve_posted_ = false;
      if (!self->ended_) self->attempt([&] { self->serve(); });
    });
  });
}

void connection::serve() {
  for (const auto id : std::exchange(to_serve_, {})) {
    if (ended_) return;
    serve(id);
  }
  flush();
}

// Delivers what a channel holds: octets, then their end, then the channel's.
void connection::serve(channel_id id) {
  auto* to = find(id);
  if (to == nullptr || to->paused_) return;
  // Taken out, because the handler may destroy the channel.
  const auto held = std::exchange(to->held_, {});
  octet_view left = held;
  while (!left.empty()) {
    const auto part = left.first(std::min(left.size(), ssh::channel::max_delivery));
    left = left.subspan(part.size());
    const bool goes_on = to->handler_->on_data({&part, 1});
    to = find(id);
    if (to == nullptr) return;
    protocol_.consumed(id, part.size());
    if (goes_on) continue;
    to->paused_ = true;
    to->held_.assign(left.begin(), left.end());
    return;
  }
  if (std::exchange(to->eof_due_, false)) {
    to->handler_->on_eof();
    to = find(id);
  }
  if (to == nullptr || !to->closed_due_) return;
  if (to->command_) {
    to->command_->tell_exit();
    to = find(id);
    if (to == nullptr) return;
  }
  to->owner_ = nullptr;
  places_[id].owner = nullptr;
  // The handler is told even when the answer cannot be sent: nobody else knows of it any more.
  attempt([&] { protocol_.close(id); });
  std::exchange(to->handler_, nullptr)->on_closed(nullptr);
}

// --- sending -----------------------------------------------------------------------------------------------

bool connection::has_room(const channel& which) const {
  const auto& protocol = link_->protocol();
  const auto limit = which.expedited_ ? output_high_water + expedited_octets : output_high_water;
  return !ended_ && !protocol.exchanging() && protocol.pending().size() < limit;
}

std::span<const octet_span> connection::room_for(channel& which) {
  std::span<const octet_span> room;
  if (has_room(which)) {
    attempt([&] { room = std::span(room_).first(protocol_.prepare(which.id_, room_)); });
    return room;
  }
  if (std::exchange(which.in_line_, true)) return {};
  attempt([&] { line_.insert(which.expedited_ ? line_.begin() : line_.end(), which.id_); });
  return {};
}

// Gives those that found no room their turn, one after the other.
void connection::serve_line() {
  while (!line_.empty() && !ended_) {
    auto* next = find(line_.front());
    if (next != nullptr && next->in_line_ && !has_room(*next)) return;
    line_.pop_front();
    if (next == nullptr || !std::exchange(next->in_line_, false)) continue;
    if (next->handler_ != nullptr) next->handler_->on_writable();
  }
}

void connection::send(channel& which, std::size_t count) {
  attempt([&] { protocol_.commit(which.id_, count, now()); });
  schedule_flush();
}

void connection::send_eof(channel& which) {
  attempt([&] { protocol_.send_eof(which.id_); });
  schedule_flush();
}

void connection::let_go(channel& which) {
  place_of(which.id_).owner = nullptr;
  attempt([&] { protocol_.close(which.id_); });
  schedule_flush();
}

// --- the end -----------------------------------------------------------------------------------------------

void connection::probe() {
  if (ended_) return;
  attempt([&] { protocol_.ping(now()); });
  schedule_flush();
}

error connection::lost(const error& why) const {
  return {make_error_code(ssh::errc::connection_lost),
          "connection to " + link_->stream().peer() + " lost: " + why.message};
}

void connection::fail(error why) {
  end(why);
}

void connection::close() {
  if (ended_) return;
  observer_ = nullptr;
  end({make_error_code(ssh::errc::connection_lost), "the connection was closed"});
}

// Memory that runs out on the way keeps nobody from being told.
void connection::tell_of_end(channel_id id, const error& why) {
  if (auto* waiting = std::exchange(places_[id].open, nullptr)) {
    // Its coroutine looks for itself why there is no outcome.
    waiting->done.cancel();
    if (observer_ != nullptr) observer_->on_open_settled();
  }
  auto* gone = std::exchange(places_[id].owner, nullptr);
  if (gone == nullptr) return;
  gone->owner_ = nullptr;
  gone->lost_ = error{why.code, {}};
  attempt([&] { gone->lost_->message = why.message; });
  if (gone->command_) attempt([&] { gone->command_->answer(why); });
  if (auto* handler = std::exchange(gone->handler_, nullptr)) attempt([&] { handler->on_closed(&why); });
}

void connection::end(const error& why) {
  if (ended_) return;
  const auto self = shared_from_this();
  ended_ = why;
  deadline_timer_.cancel();
  link_->close(why);
  for (channel_id id = 0; id < places_.size(); ++id) tell_of_end(id, why);
  forwarding_.end(why);
  if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_lost(why);
}

}  // namespace tunnel::ssh::native
