#include "ssh/native/core/transport.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "ssh/keys/certificate.hpp"
#include "ssh/keys/signature.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/key_derivation.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

// What a server may make us owe it before it has read any of it: answers to requests and pings.
constexpr std::size_t max_owed = std::size_t{4} * 1024 * 1024;
// RFC 4253 section 11.1's texts are one line.
constexpr std::size_t max_goodbye = 256;

constexpr octet first_kex_method_message = 30;
constexpr octet last_kex_method_message = 49;

bool is_kex_method_message(octet number) {
  return number >= first_kex_method_message && number <= last_kex_method_message;
}

// Of those for the transport (RFC 4250 section 4.1.1), what nobody has given a meaning to.
bool is_unassigned_to_transport(octet number) {
  return number > message::ext_info && number < first_kex_method_message && number != message::kexinit &&
         number != message::newkeys;
}

error out_of_place(octet number) {
  return violation("the server sent message " + std::to_string(number) + " where it has no place");
}

struct direction_keys {
  crypto::secret_octets key;
  crypto::secret_octets iv;
  crypto::secret_octets mac;
};

// The letters of RFC 4253 section 7.2 for one direction.
direction_keys derive_direction(const exchange_outcome& from, octet_view session_identifier,
                                std::string_view cipher, std::string_view mac, std::string_view letters) {
  const auto sizes = sizes_of_cipher(cipher).value();
  const auto mac_size = sizes.aead ? 0 : key_size_of_mac(mac).value();
  return {.key = derive_key(from, session_identifier, letters[1], sizes.key),
          .iv = derive_key(from, session_identifier, letters[0], sizes.iv),
          .mac = derive_key(from, session_identifier, letters[2], mac_size)};
}

}  // namespace

transport::transport(options how, random_source random, time_point now)
    : how_(std::move(how)), random_(std::move(random)), encoder_(random_), keys_since_(now) {
  context_.client_identification = "SSH-2.0-" + how_.software;
  encoder_.raw(as_octets(context_.client_identification + "\r\n"));
  begin_exchange(now);
}

// --- sending -----------------------------------------------------------------------------------------------

void transport::send(octet_view payload) {
  if (!may_owe_more()) return;
  if (exchanging()) {
    wire::writer(held_).string(payload);
  } else {
    encoder_.packet(payload);
  }
}

bool transport::may_owe_more() {
  if (encoder_.pending().size() + held_.size() > max_owed) overrun_ = true;
  return !said_goodbye_ && !overrun_;
}

void transport::release_held() {
  // Some are passwords.
  const crypto::secret_octets held(std::exchange(held_, {}));
  wire::reader from(held.view());
  while (const auto payload = from.string()) encoder_.packet(*payload);
}

void transport::send_unimplemented(std::uint32_t sequence_number) {
  octets payload;
  wire::writer(payload).byte(message::unimplemented).uint32(sequence_number);
  // RFC 4253 section 7.1 allows it in the midst of a key exchange; behind it the number could mean another
  // packet.
  if (may_owe_more()) encoder_.packet(payload);
}

void transport::goodbye(const error& why) {
  if (said_goodbye_ || why.code == errc::disconnected) return;
  const bool known = why.code.category() == category();
  const auto reason =
      known ? static_cast<std::uint32_t>(why.code.value()) : static_cast<std::uint32_t>(errc::by_application);
  octets payload;
  wire::writer(payload)
      .byte(message::disconnect)
      .uint32(reason)
      .text(sanitise(why.message, max_goodbye))
      .text("");
  // Unlike others it may be sent in the midst of a key exchange.
  encoder_.packet(payload);
  said_goodbye_ = true;
}

// --- receiving ---------------------------------------------------------------------------------------------

transport::step transport::next(time_point now) {
  if (context_.server_identification.empty()) {
    auto line = identification_.next(inbound_);
    if (!line) return line.error();
    if (!*line) return std::optional<event>();
    context_.server_identification = std::move(**line);
  }
  while (!outcome_) {
    if (overrun_) return violation("the server asks for more answers than it reads");
    const auto packet = decoder_.next(inbound_);
    if (!packet) return packet.error();
    if (!*packet) break;
    auto found = on_packet(**packet, now);
    if (!found || *found) return found;
  }
  if (exchange_lies(now)) return violation("the server does not go on with the key exchange");
  rekey_if_due(now);
  return std::optional<event>();
}

transport::step transport::on_packet(const packet_decoder::packet& packet, time_point now) {
  const octet number = packet.payload.front();
  if (number >= message::service_request) exchange_moved_ = now;
  if (std::exchange(success_must_come_, false) && number != message::userauth_success)
    return violation("the server sent SSH_MSG_EXT_INFO at a time that RFC 8308 does not allow");
  const bool ext_info_may_come = std::exchange(ext_info_may_come_, false);

  if (number == message::kexinit) return on_kexinit(packet, now);
  if (number == message::newkeys) return on_newkeys(packet.payload);
  if (is_kex_method_message(number)) return on_kex_message(packet.payload, now);
  if (number < message::service_request) return on_transport_message(packet);

  // RFC 4253 section 11.4. In the first exchange it is fatal, as it lets somebody on the way move sequence
  // numbers (CVE-2023-48795).
  if (is_unassigned_to_transport(number) && !is_initial()) {
    send_unimplemented(packet.sequence_number);
    return std::optional<event>();
  }
  // RFC 4253 section 7.1: between a side's KEXINIT and its NEWKEYS come only messages of the exchange.
  if (method_ != nullptr || is_initial()) return out_of_place(number);
  if (number == message::ext_info) {
    if (!ext_info_may_come) {
      if (authenticated_) return out_of_place(number);
      success_must_come_ = true;
    }
    return on_ext_info(packet.payload);
  }
  if (number == message::ping) return on_ping(packet);
  return std::optional<event>(received{packet.payload, packet.sequence_number});
}

transport::step transport::on_transport_message(const packet_decoder::packet& packet) {
  const octet number = packet.payload.front();
  if (number == message::disconnect) {
    wire::reader from(packet.payload.subspan(1));
    const auto reason = from.uint32();
    const auto text = from.text();
    return error{make_error_code(errc::disconnected),
                 "the server disconnected" + (text && !text->empty()
                                                  ? ": " + sanitise(*text)
                                                  : " with reason " + std::to_string(reason.value_or(0)))};
  }
  // Strict key exchange: whatever could be slipped in before the keys are there is an attack
  // (CVE-2023-48795).
  if (strict_ && is_initial()) return out_of_place(number);
  if (number != message::ignore && number != message::debug && number != message::unimplemented)
    return out_of_place(number);
  return std::optional<event>();
}

transport::step transport::on_ext_info(octet_view payload) {
  const auto read = read_ext_info(payload, ext_info_);
  if (!read) return read.error();
  return std::optional<event>();
}

transport::step transport::on_ping(const packet_decoder::packet& packet) {
  wire::reader from(packet.payload.subspan(1));
  const auto data = from.string();
  if (!authenticated_) {
    send_unimplemented(packet.sequence_number);
    return std::optional<event>();
  }
  if (!data || !from.at_end()) return violation("the server's ping is malformed");
  octets answer;
  wire::writer(answer).byte(message::pong).string(*data);
  send(answer);
  return std::optional<event>();
}

// --- key exchange ------------------------------------------------------------------------------------------

void transport::begin_exchange(time_point now) {
  exchange_moved_ = now;
  std::array<octet, 16> cookie{};
  random_(cookie);
  own_kexinit_ = offer(how_.preferences, cookie, is_initial());
  context_.client_kexinit = encode(*own_kexinit_);
  keys_sent_ = false;
  encoder_.packet(context_.client_kexinit);
}

void transport::rekey_if_due(time_point now) {
  // OpenSSH's sshd takes part in none while it authenticates.
  if (own_kexinit_ || !authenticated_ || said_goodbye_) return;
  if (how_.limits.reached(encoder_.usage()) || how_.limits.reached(decoder_.usage()) ||
      now >= next_deadline())
    begin_exchange(now);
}

// The first exchange has its limit from outside: it waits for the user too.
bool transport::exchange_lies(time_point now) const {
  return own_kexinit_ && !is_initial() && now >= next_deadline();
}

transport::step transport::on_kexinit(const packet_decoder::packet& packet, time_point now) {
  if (method_ != nullptr || next_opener_ != nullptr) return out_of_place(message::kexinit);
  const auto theirs = parse_kexinit(packet.payload);
  if (!theirs) return theirs.error();
  if (!own_kexinit_) begin_exchange(now);
  if (is_initial()) {
    strict_ = theirs->lists(strict_server);
    if (strict_ && packet.sequence_number != 0)
      return violation("the server sent a message before its first SSH_MSG_KEXINIT");
  }
  auto common = negotiate(*own_kexinit_, *theirs);
  if (!common) return common.error();
  if (!strict_ && (common->cipher_in == "chacha20-poly1305@openssh.com" ||
                   common->cipher_out == "chacha20-poly1305@openssh.com"))
    return error{
        make_error_code(errc::key_exchange_failed),
        "the server has no strict key exchange, without which chacha20-poly1305@openssh.com is open to "
        "CVE-2023-48795; choose another cipher, such as -c aes256-ctr"};
  agreed_ = std::move(*common);
  skip_guess_ = agreed_.guess_was_wrong;
  context_.server_kexinit.assign(packet.payload.begin(), packet.payload.end());
  method_ = make_key_exchange(agreed_.kex, context_);
  encoder_.packet(method_->begin());
  return std::optional<event>();
}

result<void> transport::check_signature(const exchange_outcome& outcome) const {
  const auto refuse = [](const std::string& why) {
    return error{make_error_code(errc::key_exchange_failed),
                 "the server did not prove that it has its host key: " + why};
  };
  octets plain;
  if (keys::is_certificate_algorithm(agreed_.host_key)) {
    auto certificate = keys::parse_certificate(outcome.host_key);
    if (!certificate) return refuse(certificate.error().message);
    if (certificate->type_name != keys::key_type_of(agreed_.host_key))
      return refuse("its certificate is of another type than agreed");
    plain = std::move(certificate->key_blob);
  } else {
    plain = outcome.host_key;
  }
  const auto verified = keys::verify_signature(keys::plain_algorithm(agreed_.host_key), plain,
                                               outcome.exchange_hash, outcome.signature);
  if (!verified) return refuse(verified.error().message);
  return boost::system::in_place_value;
}

transport::step transport::on_kex_message(octet_view payload, time_point now) {
  if (method_ == nullptr) return out_of_place(payload.front());
  if (std::exchange(skip_guess_, false)) return std::optional<event>();
  octets reply;
  auto outcome = method_->on_message(payload, reply);
  if (!outcome) return outcome.error();
  if (!reply.empty()) encoder_.packet(reply);
  if (!*outcome) return std::optional<event>();

  if (const auto proved = check_signature(**outcome); !proved) return proved.error();
  if (is_initial()) {
    outcome_ = std::move(**outcome);
    return std::optional<event>(host_key_offered{agreed_.host_key, outcome_->host_key});
  }
  if ((*outcome)->host_key != host_key_)
    return error{make_error_code(errc::host_key_not_verifiable),
                 "the server came with another host key in a key re-exchange: somebody may have taken its "
                 "place"};
  outcome_ = std::move(**outcome);
  take_new_keys(now);
  return std::optional<event>();
}

void transport::accept_host_key(time_point now) {
  host_key_ = outcome_->host_key;
  host_key_signature_ = outcome_->signature;
  session_identifier_ = outcome_->exchange_hash;
  take_new_keys(now);
}

void transport::take_new_keys(time_point now) {
  const auto outcome = *std::exchange(outcome_, std::nullopt);
  static constexpr octet newkeys = message::newkeys;
  encoder_.packet(octet_view(&newkeys, 1));
  const auto out = derive_direction(outcome, session_identifier_, agreed_.cipher_out, agreed_.mac_out, "ACE");
  encoder_.take_keys(
      make_sealer(agreed_.cipher_out, agreed_.mac_out, out.key.view(), out.iv.view(), out.mac.view()),
      strict_);
  const auto in = derive_direction(outcome, session_identifier_, agreed_.cipher_in, agreed_.mac_in, "BDF");
  next_opener_ = make_opener(agreed_.cipher_in, agreed_.mac_in, in.key.view(), in.iv.view(), in.mac.view());
  keys_sent_ = true;
  keys_since_ = now;
  release_held();
}

transport::step transport::on_newkeys(octet_view payload) {
  if (next_opener_ == nullptr || payload.size() != 1) return out_of_place(message::newkeys);
  decoder_.take_keys(std::exchange(next_opener_, nullptr), strict_);
  method_.reset();
  own_kexinit_.reset();
  const bool first = is_initial();
  ++exchanges_;
  if (!first) return std::optional<event>();
  ext_info_may_come_ = true;
  return std::optional<event>(established{});
}

}  // namespace tunnel::ssh::native
