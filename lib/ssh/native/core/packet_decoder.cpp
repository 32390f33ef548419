#include "ssh/native/core/packet_decoder.hpp"

#include <utility>

#include "ssh/native/core/errors.hpp"

namespace tunnel::ssh::native {

namespace {

// padding_length itself.
constexpr std::size_t padding_field = 1;

}  // namespace

bool packet_decoder::is_plausible(std::uint32_t length) const {
  const auto& layout = cipher_->layout();
  // One octet of payload at the least.
  if (length < padding_field + 1 + min_padding || length > max_packet_length) return false;
  const std::size_t aligned = length + (layout.length_aligned ? length_field : 0);
  // A block that is decrypted for its length must be part of the packet.
  return aligned % layout.alignment == 0 && length + length_field >= layout.head_size;
}

result<std::optional<packet_decoder::packet>> packet_decoder::next(inbound_buffer& from) {
  const auto& layout = cipher_->layout();
  const auto unread = from.unread();
  if (!length_) {
    if (unread.size() < layout.head_size) return std::optional<packet>();
    const auto length = cipher_->packet_length(sequence_number_, unread.first(layout.head_size));
    // Under encryption a length that cannot be is a sign of octets changed on their way, as a wrong MAC is.
    if (!is_plausible(length)) return violation("the server sent a packet of an impossible length");
    length_ = length;
  }
  const std::size_t whole = length_field + *length_;
  if (unread.size() < whole + layout.tag_size) return std::optional<packet>();

  const auto content = unread.first(whole);
  if (!cipher_->open(sequence_number_, content, unread.subspan(whole, layout.tag_size)))
    return error{
        make_error_code(errc::mac_error),
        "a packet from the server is damaged: its MAC is wrong. Something on the way changes what is "
        "sent"};
  const std::size_t padding = content[length_field];
  if (padding < min_padding || padding > *length_ - padding_field - 1)
    return violation("the server sent a packet with impossible padding");

  const packet found{content.subspan(length_field + padding_field, *length_ - padding_field - padding),
                     sequence_number_};
  from.consume(whole + layout.tag_size);
  length_.reset();
  ++usage_.packets;
  usage_.octets += whole;
  // RFC 4253 section 6.4 lets it wrap; under the initial keys that only serves attacks on the handshake.
  if (++sequence_number_ == 0 && initial_keys_)
    return violation("the server sent too many packets before the first key exchange was over");
  return std::optional<packet>(found);
}

void packet_decoder::take_keys(std::unique_ptr<packet_opener> cipher, bool reset_sequence_number) {
  cipher_ = std::move(cipher);
  if (reset_sequence_number) sequence_number_ = 0;
  initial_keys_ = false;
  usage_ = {};
}

}  // namespace tunnel::ssh::native
