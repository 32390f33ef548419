#include "peer.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "crypto/secret_octets.hpp"
#include "read_into.hpp"
#include "ssh/keys/signature.hpp"
#include "ssh/native/core/key_derivation.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native::support {

namespace {

constexpr octet first_kex_method_message = 30;
constexpr octet last_kex_method_message = 49;

std::vector<std::string> to_strings(const std::vector<std::string_view>& names) {
  return {names.begin(), names.end()};
}

struct direction_keys {
  crypto::secret_octets key;
  crypto::secret_octets iv;
  crypto::secret_octets mac;
};

// RFC 4253 section 7.2.
direction_keys derive(const exchange_outcome& from, octet_view session_identifier, std::string_view cipher,
                      std::string_view mac, std::string_view letters) {
  const auto sizes = sizes_of_cipher(cipher).value();
  return {.key = derive_key(from, session_identifier, letters[1], sizes.key),
          .iv = derive_key(from, session_identifier, letters[0], sizes.iv),
          .mac = derive_key(from, session_identifier, letters[2], key_size_of_mac(mac).value_or(0))};
}

}  // namespace

kexinit peer::usual_offer() {
  kexinit offer;
  offer.cookie.fill(0x77);
  offer.kex = to_strings(peer_kex_algorithms());
  offer.host_key = {"ssh-ed25519"};
  offer.cipher_client_to_server = offer.cipher_server_to_client = to_strings(cipher_algorithms());
  offer.mac_client_to_server = offer.mac_server_to_client = to_strings(mac_algorithms());
  offer.compression_client_to_server = offer.compression_server_to_client = {"none"};
  return offer;
}

// --- the line ----------------------------------------------------------------------------------------------

void peer::raw(octet_view data) {
  outbound_.insert(outbound_.end(), data.begin(), data.end());
}

void peer::sent(std::size_t count) {
  outbound_.erase(outbound_.begin(), outbound_.begin() + static_cast<std::ptrdiff_t>(count));
}

void peer::receive(octet_view data) {
  go_on();
  while (!data.empty() && !fault_) {
    data = read_into(inbound_, data);
    try {
      receive_packets();
    } catch (const std::exception& failure) {
      fault_ = failure.what();
    }
  }
}

void peer::receive_packets() {
  if (context_.client_identification.empty()) {
    auto line = identification_.next(inbound_);
    if (!line) throw std::runtime_error(line.error().message);
    if (!*line) return;
    context_.client_identification = std::move(**line);
  }
  for (;;) {
    const auto packet = decoder_.next(inbound_);
    if (!packet) throw std::runtime_error(packet.error().message);
    if (!*packet) return;
    on_packet(**packet);
    go_on();
  }
}

void peer::on_packet(const packet_decoder::packet& packet) {
  const octet number = packet.payload.front();
  if (number == message::kexinit) return on_kexinit(packet.payload);
  if (number == message::newkeys) return on_newkeys();
  if (number >= first_kex_method_message && number <= last_kex_method_message)
    return on_kex_message(packet.payload);
  messages_.push_back({{packet.payload.begin(), packet.payload.end()}, packet.sequence_number});
  if (script_) unanswered_.push_back(messages_.back().payload);
}

// --- key exchange ------------------------------------------------------------------------------------------

void peer::go_on() {
  if (!identified_ && may(stage::identification)) send_identification();
  const bool due = exchanges_ == 0 || client_kexinit_;
  if (identified_ && !own_kexinit_ && due && may(stage::kexinit)) send_kexinit();
  if (!replies_.empty() && may(stage::reply)) send_reply();
  if (method_ && method_->outcome && replies_.empty() && !newkeys_sent_ && may(stage::newkeys))
    send_newkeys();
  run_script();
}

void peer::run_script() {
  while (!unanswered_.empty() && (!own_kexinit_ || newkeys_sent_)) {
    const auto message = std::move(unanswered_.front());
    unanswered_.pop_front();
    script_(*this, message);
  }
}

void peer::send_identification() {
  identified_ = true;
  raw(as_octets(how_.identification + "\r\n"));
}

void peer::send_kexinit() {
  own_kexinit_ = how_.offer;
  if (how_.strict && exchanges_ == 0) own_kexinit_->kex.emplace_back(strict_server);
  context_.server_identification = how_.identification;
  context_.server_kexinit = encode(*own_kexinit_);
  send(context_.server_kexinit);
  begin_method();
}

void peer::on_kexinit(octet_view payload) {
  if (client_kexinit_) throw std::runtime_error("a second SSH_MSG_KEXINIT");
  client_kexinit_ = parse_kexinit(payload).value();
  latest_client_kexinit_ = client_kexinit_;
  context_.client_kexinit.assign(payload.begin(), payload.end());
  begin_method();
}

// Once both have said what they can do.
void peer::begin_method() {
  if (!own_kexinit_ || !client_kexinit_) return;
  const auto common = negotiate(*client_kexinit_, *own_kexinit_);
  if (!common) return;
  agreed_ = *common;
  if (exchanges_ == 0) strict_ = own_kexinit_->lists(strict_server) && client_kexinit_->lists(strict_client);
  method_ = make_peer_exchange(agreed_.kex, context_, proof());
}

host_proof peer::proof() const {
  const auto algorithm = how_.signature_algorithm.empty()
                             ? std::string(keys::plain_algorithm(agreed_.host_key))
                             : how_.signature_algorithm;
  return {.blob = how_.host_certificate.empty() ? how_.host_key->public_blob() : how_.host_certificate,
          .sign = [key = how_.host_key, algorithm](octet_view hash) { return *key->sign(algorithm, hash); },
          .alter = how_.alter_reply};
}

void peer::on_kex_message(octet_view payload) {
  // What the client sends ahead of its farewell, when there is nothing in common.
  if (!method_) return;
  replies_.push_back(method_->answer(payload));
}

void peer::send_reply() {
  for (const auto& each : std::exchange(replies_, {})) send(each);
}

void peer::send_newkeys() {
  static constexpr octet newkeys = message::newkeys;
  send(octet_view(&newkeys, 1));
  const auto& outcome = method_->outcome.value();
  if (exchanges_ == 0) session_identifier_ = outcome.exchange_hash;
  const auto keys = derive(outcome, session_identifier_, agreed_.cipher_in, agreed_.mac_in, "BDF");
  packets_.take_keys(
      make_sealer(agreed_.cipher_in, agreed_.mac_in, keys.key.view(), keys.iv.view(), keys.mac.view()),
      strict_);
  newkeys_sent_ = true;
  if (exchanges_ == 0 && !how_.ext_info.empty()) send(how_.ext_info);
  finish_exchange_if_over();
}

void peer::on_newkeys() {
  if (!method_ || !method_->outcome || newkeys_received_)
    throw std::runtime_error("an early SSH_MSG_NEWKEYS");
  const auto& outcome = *method_->outcome;
  if (exchanges_ == 0) session_identifier_ = outcome.exchange_hash;
  const auto keys = derive(outcome, session_identifier_, agreed_.cipher_out, agreed_.mac_out, "ACE");
  decoder_.take_keys(
      make_opener(agreed_.cipher_out, agreed_.mac_out, keys.key.view(), keys.iv.view(), keys.mac.view()),
      strict_);
  newkeys_received_ = true;
  finish_exchange_if_over();
}

void peer::finish_exchange_if_over() {
  if (!newkeys_sent_ || !newkeys_received_) return;
  newkeys_sent_ = newkeys_received_ = false;
  own_kexinit_.reset();
  client_kexinit_.reset();
  method_.reset();
  ++exchanges_;
}

// --- what the client did -----------------------------------------------------------------------------------

std::size_t peer::count(octet number) const {
  return static_cast<std::size_t>(std::ranges::count(messages_, number, &client_message::number));
}

std::optional<peer::client_message> peer::last(octet number) const {
  const auto found = std::find_if(messages_.rbegin(), messages_.rend(),
                                  [number](const auto& each) { return each.number() == number; });
  if (found == messages_.rend()) return std::nullopt;
  return *found;
}

std::optional<peer::farewell> peer::client_farewell() const {
  const auto said = last(message::disconnect);
  if (!said) return std::nullopt;
  wire::reader from(octet_view(said->payload).subspan(1));
  const auto reason = from.uint32();
  const auto description = from.text();
  return farewell{reason.value(), std::string(description.value())};
}

}  // namespace tunnel::ssh::native::support
