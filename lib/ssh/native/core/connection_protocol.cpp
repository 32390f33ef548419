#include "ssh/native/core/connection_protocol.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/host_key_proof.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

using state = channel_record::state;

constexpr std::uint32_t standard_error_code = 1;
constexpr std::uint32_t max_port = std::numeric_limits<std::uint16_t>::max();
// SSH_MSG_CHANNEL_DATA, recipient channel and length, before the octets themselves.
constexpr std::size_t data_head = 9;
constexpr std::string_view ping_request = "keepalive@openssh.com";

error malformed(octet number) {
  return violation("the server sent a malformed message " + std::to_string(number));
}

error wrong_for_channel(std::string_view what) {
  return violation("the server sent " + std::string(what));
}

void put_uint32(octet_span to, std::uint32_t value) {
  for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<octet>(value >> (8 * (3 - i)));
}

}  // namespace

// --- opening -----------------------------------------------------------------------------------------------

channel_id connection_protocol::open(std::string_view type, octet_view details) {
  const channel_id id = table_.take();
  table_.at(id).now = state::opening;
  octets payload;
  wire::writer(payload)
      .byte(message::channel_open)
      .text(type)
      .uint32(id)
      .uint32(receive_window::initial)
      .uint32(max_packet)
      .raw(details);
  link_.send(payload);
  return id;
}

channel_id connection_protocol::open_direct_tcpip(const host_and_port& target,
                                                  const host_and_port& originator) {
  octets details;
  wire::writer(details).text(target.host).uint32(target.port).text(originator.host).uint32(originator.port);
  return open("direct-tcpip", details);
}

channel_id connection_protocol::open_direct_streamlocal(std::string_view path) {
  octets details;
  wire::writer(details).text(path).text("").uint32(0);
  return open("direct-streamlocal@openssh.com", details);
}

channel_id connection_protocol::open_session() {
  return open("session", {});
}

void connection_protocol::abandon(channel_id id) {
  table_.at(id).now = state::abandoned;
}

void connection_protocol::accept(channel_id id) {
  auto& channel = table_.at(id);
  channel.now = state::open;
  octets payload;
  wire::writer(payload)
      .byte(message::channel_open_confirmation)
      .uint32(channel.remote_channel)
      .uint32(id)
      .uint32(receive_window::initial)
      .uint32(max_packet);
  link_.send(payload);
}

void connection_protocol::reject(channel_id id, std::uint32_t reason, std::string_view description) {
  refuse_open(table_.at(id).remote_channel, reason, description);
  table_.free(id);
}

void connection_protocol::refuse_open(std::uint32_t remote_channel, std::uint32_t reason,
                                      std::string_view description) {
  octets payload;
  wire::writer(payload)
      .byte(message::channel_open_failure)
      .uint32(remote_channel)
      .uint32(reason)
      .text(description)
      .text("");
  link_.send(payload);
}

// --- sending -----------------------------------------------------------------------------------------------

void connection_protocol::send_about(octet number, const channel_record& channel, octet_view rest) {
  scratch_.clear();
  wire::writer(scratch_).byte(number).uint32(channel.remote_channel).raw(rest);
  link_.send(scratch_);
}

void connection_protocol::request_exec(channel_id id, std::string_view command) {
  octets rest;
  wire::writer(rest).text("exec").boolean(true).text(command);
  auto& channel = table_.at(id);
  channel.asked = true;
  send_about(message::channel_request, channel, rest);
}

std::size_t connection_protocol::prepare(channel_id id, std::span<octet_span> places) {
  auto& channel = table_.at(id);
  if (channel.eof_sent || channel.close_sent) return 0;
  std::size_t window = channel.remote_window.room();
  if (window == 0) {
    channel.wants_room = true;
    return 0;
  }
  const std::size_t each = std::min(channel.remote_max_packet, max_sent);
  const std::size_t count = std::min((window + each - 1) / each, places.size());
  link_.places(data_head + each, places.first(count));
  for (auto& place : places.first(count)) {
    place = place.subspan(data_head, std::min(each, window));
    window -= place.size();
  }
  return count;
}

void connection_protocol::commit(channel_id id, std::size_t count, time_point now) {
  auto& channel = table_.at(id);
  channel.remote_window.send(count);
  if (channel.remote_window.is_held_back()) watch(id, channel, now);
  while (count != 0) {
    const std::size_t part = std::min<std::size_t>({count, channel.remote_max_packet, max_sent});
    const auto head = link_.place(data_head + part).first(data_head);
    head[0] = message::channel_data;
    put_uint32(head.subspan(1), channel.remote_channel);
    put_uint32(head.subspan(5), static_cast<std::uint32_t>(part));
    link_.commit(data_head + part);
    count -= part;
  }
  link_.rekey_if_due(now);
}

// --- those held back ---------------------------------------------------------------------------------------

void connection_protocol::watch(channel_id id, channel_record& channel, time_point now) {
  if (std::exchange(channel.watched, true)) return;
  watched_.push_back(id);
  if (!deadline_) deadline_ = now + patience();
}

// How long a server takes to grant something anew at the most, if it ever will.
connection_protocol::duration connection_protocol::patience() const {
  return std::max<duration>(4 * path_.shortest(), std::chrono::milliseconds(250));
}

std::vector<channel_id> connection_protocol::on_deadline(time_point now) {
  if (!deadline_ || now < *deadline_) return {};
  deadline_.reset();
  std::vector<channel_id> released;
  for (const auto id : std::exchange(watched_, {})) {
    auto* channel = table_.find(id);
    if (channel == nullptr || !std::exchange(channel->watched, false)) continue;
    if (!channel->remote_window.is_held_back()) continue;
    if (now - channel->remote_window.last_granted() < patience()) {
      watch(id, *channel, now);
      continue;
    }
    channel->remote_window.release();
    if (!channel->close_sent && std::exchange(channel->wants_room, false)) released.push_back(id);
  }
  return released;
}

// ---

void connection_protocol::send_eof(channel_id id) {
  auto& channel = table_.at(id);
  if (channel.eof_sent || channel.close_sent) return;
  channel.eof_sent = true;
  send_about(message::channel_eof, channel);
}

void connection_protocol::close(channel_id id) {
  auto& channel = table_.at(id);
  if (channel.close_sent) return;
  channel.close_sent = true;
  send_about(message::channel_close, channel);
  finish_close(id);
}

// RFC 4254 section 5.3: a number is free when both sides have closed.
void connection_protocol::finish_close(channel_id id) {
  auto& channel = table_.at(id);
  if (!channel.close_sent || !channel.close_received) return;
  channel.local_window.release(budget_);
  table_.free(id);
}

void connection_protocol::consumed(channel_id id, std::size_t count) {
  auto& channel = table_.at(id);
  if (channel.close_sent) return;
  const auto granted = channel.local_window.consume(count, budget_);
  if (granted == 0 || channel.eof_received || channel.close_received) return;
  octets rest;
  wire::writer(rest).uint32(granted);
  send_about(message::channel_window_adjust, channel, rest);
}

// --- receiving ---------------------------------------------------------------------------------------------

connection_protocol::step connection_protocol::on_message(const transport::received& message,
                                                          time_point now) {
  const auto payload = octet_view(message.payload);
  const octet number = payload.front();
  switch (number) {
    case message::global_request:
      return on_global_request(payload);
    case message::request_success:
    case message::request_failure:
      if (!questions_.empty() && questions_.front().what == asked::keepalive) {
        questions_.pop_front();
        return on_pong(now);
      }
      return on_global_reply(number, payload);
    case message::pong:
      return link_.server_extensions().ping ? on_pong(now) : unsolicited("a pong");
    case message::channel_open:
      return on_open(payload);
    default:
      break;
  }
  if (number > message::channel_open && number <= message::channel_failure)
    return on_channel_message(number, payload, now);
  // RFC 4252 section 5.1: what belongs to authentication is over.
  if (number < message::global_request)
    return violation("the server sent message " + std::to_string(number) + " after authentication");
  link_.send_unimplemented(message.sequence_number);
  return std::optional<event>();
}

connection_protocol::step connection_protocol::on_channel_message(octet number, octet_view payload,
                                                                  time_point now) {
  wire::reader from(payload.subspan(1));
  const auto id = from.uint32();
  if (!id) return malformed(number);
  auto* channel = table_.find(*id);
  if (channel == nullptr) {
    // One that crossed with our side's close may come late and does no harm.
    if (number == message::channel_window_adjust) return unsolicited("window adjusts for closed channels");
    return wrong_for_channel("a message for a channel that does not exist");
  }
  const bool opening = channel->now == state::opening || channel->now == state::abandoned;
  const bool answers_open =
      number == message::channel_open_confirmation || number == message::channel_open_failure;
  if (opening != answers_open || channel->now == state::offered || channel->close_received)
    return wrong_for_channel("a message that does not fit its channel's state");
  const auto rest = from.rest();
  switch (number) {
    case message::channel_open_confirmation:
      return on_confirmation(*id, *channel, rest);
    case message::channel_open_failure:
      return on_open_failure(*id, *channel, rest);
    case message::channel_window_adjust:
      return on_window_adjust(*id, *channel, rest, now);
    case message::channel_data:
      return on_data(*id, *channel, rest, now);
    case message::channel_extended_data:
      return on_extended_data(*id, *channel, rest, now);
    case message::channel_eof:
      return rest.empty() ? on_eof(*id, *channel) : malformed(number);
    case message::channel_close:
      return rest.empty() ? on_close(*id, *channel) : malformed(number);
    case message::channel_request:
      return on_request(*id, *channel, rest);
    default:
      return rest.empty() ? on_answer(*id, *channel, number == message::channel_success) : malformed(number);
  }
}

connection_protocol::step connection_protocol::on_confirmation(channel_id id, channel_record& channel,
                                                               octet_view rest) {
  wire::reader from(rest);
  const auto remote = from.uint32();
  const auto window = from.uint32();
  const auto max = from.uint32();
  // What else may follow belongs to the channel type; the types here have none.
  if (!remote || !window || !max) return malformed(message::channel_open_confirmation);
  if (*max == 0) return wrong_for_channel("a maximum packet size of 0");
  channel.remote_channel = *remote;
  channel.remote_window = send_window(*window);
  channel.remote_max_packet = *max;
  const bool abandoned = channel.now == state::abandoned;
  channel.now = state::open;
  if (!abandoned) return std::optional<event>(opened{id});
  close(id);
  return std::optional<event>();
}

connection_protocol::step connection_protocol::on_open_failure(channel_id id, channel_record& channel,
                                                               octet_view rest) {
  wire::reader from(rest);
  const auto reason = from.uint32();
  const auto description = from.text();
  if (!reason || !description) return malformed(message::channel_open_failure);
  const bool abandoned = channel.now == state::abandoned;
  open_failed told{id, *reason, std::string(*description)};
  table_.free(id);
  if (abandoned) return std::optional<event>();
  return std::optional<event>(std::move(told));
}

connection_protocol::step connection_protocol::on_window_adjust(channel_id id, channel_record& channel,
                                                                octet_view rest, time_point now) {
  wire::reader from(rest);
  const auto more = from.uint32();
  if (!more || !from.at_end()) return malformed(message::channel_window_adjust);
  if (!channel.remote_window.grant(*more, now, path_.shortest()))
    return wrong_for_channel("a window adjust beyond 2^32 - 1");
  if (channel.remote_window.is_held_back()) watch(id, channel, now);
  if (channel.remote_window.room() == 0 || channel.close_sent || !std::exchange(channel.wants_room, false))
    return std::optional<event>();
  return std::optional<event>(writable{id});
}

connection_protocol::step connection_protocol::on_data(channel_id id, channel_record& channel,
                                                       octet_view rest, time_point now) {
  wire::reader from(rest);
  const auto octets = from.string();
  if (!octets || !from.at_end()) return malformed(message::channel_data);
  return take_data(id, channel, *octets, false, now);
}

connection_protocol::step connection_protocol::on_extended_data(channel_id id, channel_record& channel,
                                                                octet_view rest, time_point now) {
  wire::reader from(rest);
  const auto code = from.uint32();
  const auto octets = from.string();
  if (!code || !octets || !from.at_end()) return malformed(message::channel_extended_data);
  return take_data(id, channel, *octets, *code == standard_error_code, now);
}

connection_protocol::step connection_protocol::take_data(channel_id id, channel_record& channel,
                                                         octet_view octets, bool standard_error,
                                                         time_point now) {
  if (channel.eof_received) return wrong_for_channel("data after its end");
  if (octets.size() > max_packet) return wrong_for_channel("more data at once than the maximum packet size");
  if (!channel.local_window.receive(octets.size(), now, path_.shortest()))
    return wrong_for_channel("data beyond the window");
  // On its way when our side closed: nobody wants it.
  if (channel.close_sent || octets.empty()) return std::optional<event>();
  path_.on_traffic();
  return std::optional<event>(data{id, octets, standard_error});
}

connection_protocol::step connection_protocol::on_eof(channel_id id, channel_record& channel) {
  if (std::exchange(channel.eof_received, true))
    return wrong_for_channel("the end of a channel's data twice");
  if (channel.close_sent) return std::optional<event>();
  return std::optional<event>(eof{id});
}

connection_protocol::step connection_protocol::on_close(channel_id id, channel_record& channel) {
  channel.close_received = true;
  if (!channel.close_sent) return std::optional<event>(closed{id});
  finish_close(id);
  return std::optional<event>();
}

connection_protocol::step connection_protocol::on_request(channel_id id, channel_record& channel,
                                                          octet_view rest) {
  wire::reader from(rest);
  const auto type = from.text();
  const auto want_reply = from.boolean();
  if (!type || !want_reply) return malformed(message::channel_request);
  // RFC 4254 section 5.4: no answers after our close.
  if (channel.close_sent) return std::optional<event>();
  if (*want_reply) send_about(message::channel_failure, channel);
  if (*type == "exit-status") {
    const auto status = from.uint32();
    if (!status || !from.at_end()) return malformed(message::channel_request);
    return std::optional<event>(exited{id, *status, {}});
  }
  if (*type == "exit-signal") {
    const auto signal = from.text();
    // Whether core was dumped, a message and its language follow.
    if (!signal) return malformed(message::channel_request);
    return std::optional<event>(exited{id, std::nullopt, std::string(*signal)});
  }
  return std::optional<event>();
}

connection_protocol::step connection_protocol::on_answer(channel_id id, channel_record& channel,
                                                         bool accepted) {
  if (!std::exchange(channel.asked, false)) return unsolicited("answers to no request");
  if (channel.close_sent) return std::optional<event>();
  return std::optional<event>(exec_answered{id, accepted});
}

// --- what the server asks for ------------------------------------------------------------------------------

connection_protocol::step connection_protocol::on_open(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto type = from.text();
  channel_record offered;
  const auto remote = from.uint32();
  const auto window = from.uint32();
  const auto max = from.uint32();
  if (!type || !remote || !window || !max) return malformed(message::channel_open);
  if (*type != "forwarded-tcpip") {
    const bool known = *type == "session" || *type == "direct-tcpip" || *type == "x11" ||
                       *type == "auth-agent@openssh.com" || *type == "forwarded-streamlocal@openssh.com";
    refuse_open(*remote, known ? administratively_prohibited : unknown_channel_type,
                "this client takes no such channels");
    return std::optional<event>();
  }
  if (*max == 0) return wrong_for_channel("a maximum packet size of 0");
  offered.now = state::offered;
  offered.remote_channel = *remote;
  offered.remote_window = send_window(*window);
  offered.remote_max_packet = *max;
  return on_forwarded(from.rest(), offered);
}

connection_protocol::step connection_protocol::on_forwarded(octet_view details,
                                                            const channel_record& offered) {
  wire::reader from(details);
  const auto address = from.text();
  const auto port = from.uint32();
  const auto originator = from.text();
  const auto originator_port = from.uint32();
  if (!address || !port || !originator || !originator_port || !from.at_end() || *port > max_port ||
      *originator_port > max_port)
    return malformed(message::channel_open);
  const auto* listener = listeners_.match(*port);
  if (listener == nullptr) {
    refuse_open(offered.remote_channel, administratively_prohibited, "nobody listens there");
    return std::optional<event>();
  }
  const channel_id id = table_.take();
  table_.at(id) = offered;
  return std::optional<event>(
      forwarded{id,
                {listener->address, static_cast<std::uint16_t>(listener->port)},
                {std::string(*originator), static_cast<std::uint16_t>(*originator_port)}});
}

connection_protocol::step connection_protocol::on_global_request(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto name = from.text();
  const auto want_reply = from.boolean();
  if (!name || !want_reply) return malformed(message::global_request);
  if (*name == "hostkeys-00@openssh.com" && !*want_reply) return on_host_keys(from.rest());
  if (*want_reply) {
    static constexpr octet failure = message::request_failure;
    link_.send(octet_view(&failure, 1));
  }
  return std::optional<event>();
}

connection_protocol::step connection_protocol::on_host_keys(octet_view keys) {
  wire::reader from(keys);
  server_host_keys told;
  while (!from.at_end()) {
    const auto key = from.string();
    if (!key) return malformed(message::global_request);
    told.keys.emplace_back(key->begin(), key->end());
  }
  return std::optional<event>(std::move(told));
}

// --- what we asked for -------------------------------------------------------------------------------------

void connection_protocol::listen(const host_and_port& at) {
  octets payload;
  wire::writer(payload)
      .byte(message::global_request)
      .text("tcpip-forward")
      .boolean(true)
      .text(at.host)
      .uint32(at.port);
  link_.send(payload);
  questions_.push_back({asked::listen, at});
}

void connection_protocol::stop_listening(const host_and_port& at) {
  octets payload;
  wire::writer(payload)
      .byte(message::global_request)
      .text("cancel-tcpip-forward")
      .boolean(true)
      .text(at.host)
      .uint32(at.port);
  link_.send(payload);
  listeners_.remove(at.host, at.port);
  questions_.push_back({asked::stop_listening, at});
}

void connection_protocol::prove_host_keys(std::vector<octets> keys) {
  octets payload;
  wire::writer(payload)
      .byte(message::global_request)
      .text("hostkeys-prove-00@openssh.com")
      .boolean(true)
      .raw(host_keys_to_prove(keys));
  link_.send(payload);
  questions_.push_back({asked::host_keys, {}, std::move(keys)});
}

connection_protocol::step connection_protocol::on_global_reply(octet number, octet_view payload) {
  // RFC 4254 section 4: answers come in the order of the questions.
  if (questions_.empty()) return unsolicited("answers to no request");
  const auto question = std::move(questions_.front());
  questions_.pop_front();
  if (question.what == asked::stop_listening) return std::optional<event>();
  if (question.what == asked::host_keys) {
    if (number == message::request_failure)
      return std::optional<event>(
          host_keys_proved{error{make_error_code(errc::host_key_not_verifiable), "it refuses"}});
    return std::optional<event>(host_keys_proved{
        check_host_key_proof(question.keys, link_.session_identifier(), payload.subspan(1))});
  }
  if (number == message::request_failure) return std::optional<event>(listening{});
  if (question.at.port != 0) {
    listeners_.add({question.at.host, question.at.port, false});
    return std::optional<event>(listening{question.at.port});
  }
  wire::reader from(payload.subspan(1));
  const auto port = from.uint32();
  // lshd leaves the port out, so that nobody could know it.
  if (!port || *port == 0 || *port > max_port || !from.at_end()) return std::optional<event>(listening{});
  listeners_.add({question.at.host, *port, true});
  return std::optional<event>(listening{*port});
}

void connection_protocol::ping(time_point now) {
  if (pinged_) return;
  pinged_ = now;
  scratch_.clear();
  wire::writer to(scratch_);
  if (link_.server_extensions().ping) {
    to.byte(message::ping).text("");
  } else {
    to.byte(message::global_request).text(ping_request).boolean(true);
    questions_.push_back({asked::keepalive, {}});
  }
  link_.send(scratch_);
}

void connection_protocol::measure(time_point now) {
  if (!pinged_ && path_.wants_measuring(now)) ping(now);
}

connection_protocol::step connection_protocol::on_pong(time_point now) {
  if (!pinged_) return unsolicited("pongs");
  path_.on_measured(now - *std::exchange(pinged_, std::nullopt), now);
  return std::optional<event>(pong{});
}

connection_protocol::step connection_protocol::unsolicited(std::string_view what) {
  if (++unsolicited_ > max_unsolicited) return wrong_for_channel("too many " + std::string(what));
  return std::optional<event>();
}

}  // namespace tunnel::ssh::native
