#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/octets.hpp"
#include "ssh/native/core/packet_cipher.hpp"
#include "ssh/native/core/packet_decoder.hpp"

namespace tunnel::ssh::native {

/// Fills a span with octets that nobody can guess. Injected, so that a transcript can be replayed.
using random_source = std::function<void(octet_span)>;

/// Builds packets (RFC 4253 section 6) at the end of the octets that wait to be sent. A payload is written
/// where its packet is to be, and encrypted there.
class packet_encoder {
 public:
  explicit packet_encoder(random_source random);

  /// Octets that go out as they are: the identification string.
  void raw(octet_view data);

  /// Room for a payload of up to `size` octets. Until commit(), nothing else may be asked for.
  octet_span place(std::size_t size);
  /// Room for places.size() payloads of `size` octets, one behind the other. They are committed in order,
  /// each after it was asked for by place() too, and in full but for the last.
  void places(std::size_t size, std::span<octet_span> places);
  /// Makes a packet of the first `size` octets, at least one, of what place() gave.
  void commit(std::size_t size);
  void packet(octet_view payload);

  /// From the next packet on.
  void take_keys(std::unique_ptr<packet_sealer> cipher, bool reset_sequence_number);

  /// What is to be sent.
  [[nodiscard]] octet_view pending() const { return octet_view(storage_).subspan(begin_, end_ - begin_); }
  /// So much of pending() has been sent.
  void sent(std::size_t count);

  [[nodiscard]] const key_usage& usage() const { return usage_; }

 private:
  void make_room(std::size_t size);
  [[nodiscard]] std::size_t padding_for(std::size_t payload) const;
  void pad(octet_span padding);

  random_source random_;
  std::unique_ptr<packet_sealer> cipher_;
  std::uint32_t sequence_number_ = 0;
  octets storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  key_usage usage_;
  std::array<octet, 1024> padding_pool_{};
  std::size_t padding_left_ = 0;
};

}  // namespace tunnel::ssh::native
