#include "peer_packets.hpp"

#include <utility>

#include "wire/writer.hpp"

namespace tunnel::ssh::native::support {

namespace {

constexpr std::size_t length_field = 4;
constexpr std::size_t min_padding = 4;

}  // namespace

octets peer_packets::framed(octet_view payload) const {
  const std::size_t counted = (layout().length_aligned ? length_field : 0) + 1 + payload.size();
  std::size_t padding = min_padding;
  while ((counted + padding) % layout().alignment != 0) ++padding;
  octets packet;
  wire::writer(packet)
      .uint32(static_cast<std::uint32_t>(1 + payload.size() + padding))
      .byte(static_cast<octet>(padding))
      .raw(payload)
      .raw(octets(padding, 0x5a));
  return packet;
}

octets peer_packets::seal(octets packet) {
  const std::size_t size = packet.size();
  packet.resize(size + layout().tag_size);
  const octet_span whole(packet);
  sealer_->seal(sequence_number_++, whole.first(size), whole.subspan(size));
  return packet;
}

void peer_packets::take_keys(std::unique_ptr<packet_sealer> sealer, bool reset_sequence_number) {
  sealer_ = std::move(sealer);
  if (reset_sequence_number) sequence_number_ = 0;
}

void put_length(octet_span packet, std::uint32_t value) {
  for (std::size_t i = 0; i < length_field; ++i)
    packet[i] = static_cast<octet>(value >> (8 * (length_field - 1 - i)));
}

}  // namespace tunnel::ssh::native::support
