#include "udp/framing/decoder.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace tunnel::udp::framing {
namespace {

// Enough to recognise a message of a shell's by.
constexpr std::size_t max_kept_noise = 256;

std::size_t length_of(octet_view front) {
  return (std::size_t{front[0]} << 16) | (std::size_t{front[1]} << 8) | front[2];
}

std::uint32_t association_of(octet_view frame) {
  const auto at = frame.subspan(length_size + 1, 4);
  return (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) | (std::uint32_t{at[2]} << 8) | at[3];
}

// The host's place in what follows ATYP, and where the port stands.
struct host_place {
  std::size_t begin = 0;
  std::size_t size = 0;
};

std::optional<host_place> place_of_host(octet_view body) {
  if (body.empty()) return std::nullopt;
  switch (static_cast<socks::address_type>(body[0])) {
    case socks::address_type::ipv4:
      return host_place{1, 4};
    case socks::address_type::ipv6:
      return host_place{1, 16};
    case socks::address_type::domain_name:
      if (body.size() < 2 || body[1] == 0) return std::nullopt;
      return host_place{2, body[1]};
  }
  return std::nullopt;
}

std::optional<datagram> parse_datagram(std::uint32_t association, octet_view body) {
  const auto host = place_of_host(body);
  if (!host || body.size() < host->begin + host->size + 2) return std::nullopt;
  const auto port = body.subspan(host->begin + host->size, 2);
  datagram parsed;
  parsed.association = association;
  parsed.address.type = static_cast<socks::address_type>(body[0]);
  parsed.address.host = body.subspan(host->begin, host->size);
  parsed.address.port = static_cast<std::uint16_t>((port[0] << 8) | port[1]);
  parsed.payload = body.subspan(host->begin + host->size + 2);
  if (parsed.payload.size() > max_payload) return std::nullopt;
  return parsed;
}

}  // namespace

result<event> decoder::next() {
  if (failure_.code.failed()) return failure_;
  return greeted_ ? next_frame() : next_greeting();
}

error decoder::end(errc code, std::string message) {
  input_ = {};
  failure_ = {code, std::move(message)};
  return failure_;
}

// The magic's first octet comes again only at its end, so after a mismatch nothing but that octet can begin
// it.
result<event> decoder::next_greeting() {
  while (!input_.empty()) {
    const octet each = input_.front();
    input_ = input_.subspan(1);
    if (matched_ == magic_size) {
      if (each == version) {
        greeted_ = true;
        return event(greeting{});
      }
      return end(errc::unknown_version, "the peer speaks version " + std::to_string(each) +
                                            " of the UDP relay protocol, and this program version " +
                                            std::to_string(version) +
                                            ": install the same release on both sides");
    }
    if (each == greeting_octets[matched_]) {
      ++matched_;
      continue;
    }
    keep_noise(octet_view(greeting_octets).first(matched_));
    matched_ = each == greeting_octets[0] ? 1 : 0;
    if (matched_ == 0) keep_noise(octet_view(&each, 1));
    if (allowed_ == before_greeting::nothing || passed_over_ > max_noise) {
      keep_noise(input_);
      return end(errc::not_a_relay,
                 "what answers is not a UDP relay of tunnel's; it begins with: " + sanitise(noise_));
    }
  }
  return event(need_more{});
}

void decoder::keep_noise(octet_view passed) {
  passed_over_ += passed.size();
  noise_ += as_text(passed.first(std::min(passed.size(), max_kept_noise - noise_.size())));
}

// Moves input into partial_ until it has `wanted` octets. False: there are not so many.
bool decoder::gather(std::size_t wanted) {
  const std::size_t taken = std::min(wanted - std::min(wanted, partial_.size()), input_.size());
  partial_.insert(partial_.end(), input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(taken));
  input_ = input_.subspan(taken);
  return partial_.size() >= wanted;
}

result<octet_view> decoder::whole_frame() {
  if (std::exchange(partial_used_, false)) partial_.clear();
  if (partial_.empty() && input_.empty()) return octet_view{};
  if (!partial_.empty() || input_.size() < length_size) {
    if (!gather(length_size)) return octet_view{};
  }
  const bool split = !partial_.empty();
  const std::size_t length = length_of(split ? octet_view(partial_) : input_);
  if (length < min_length || length > max_length) {
    return end(errc::invalid_length, "the peer announces a UDP frame of " + std::to_string(length) +
                                         " octets; one has " + std::to_string(min_length) + " to " +
                                         std::to_string(max_length));
  }
  const std::size_t size = length_size + length;
  if (!split && input_.size() >= size) {
    const auto frame = input_.first(size);
    input_ = input_.subspan(size);
    return frame;
  }
  if (!gather(size)) return octet_view{};
  partial_used_ = true;
  return octet_view(partial_);
}

result<event> decoder::next_frame() {
  const auto whole = whole_frame();
  if (!whole) return whole.error();
  if (whole->empty()) return event(need_more{});
  const auto body = whole->subspan(head_size);
  const auto association = association_of(*whole);
  switch (static_cast<message_type>((*whole)[length_size])) {
    case message_type::datagram:
      if (const auto parsed = parse_datagram(association, body)) return event(*parsed);
      return end(errc::malformed, "the peer sent a UDP frame with a malformed address");
    case message_type::close:
      return event(closed{association, as_text(body)});
    case message_type::notice:
      return event(notice{association, as_text(body)});
    case message_type::failure:
      return end(errc::peer_failed, "the peer ends the UDP relay: " + sanitise(as_text(body)));
  }
  return end(errc::malformed,
             "the peer sent a UDP frame of the unknown type " + std::to_string((*whole)[length_size]));
}

}  // namespace tunnel::udp::framing
