#pragma once

#include <cstddef>
#include <memory>

#include "base/octets.hpp"

namespace tunnel::ssh::native {

/// What has come from the server and is not read yet. Packets are decrypted and handed on in place.
class inbound_buffer {
 public:
  /// The largest packet (packet_decoder::max_packet_length) and a good read beside it.
  static constexpr std::size_t capacity = std::size_t{512} * 1024;

  // Not filled with zeros, which would make every page of it be there from the start.
  inbound_buffer() : storage_(std::make_unique_for_overwrite<octet[]>(capacity)) {}

  /// Where to receive to; never empty while the packets are taken out. Ends the life of every view of
  /// what was consumed.
  octet_span room();
  /// So much has come into what room() gave.
  void add(std::size_t count) { end_ += count; }

  octet_span unread() { return whole().subspan(begin_, end_ - begin_); }
  /// So much of unread() is done with. Its octets stay where they are until room().
  void consume(std::size_t count) { begin_ += count; }

 private:
  octet_span whole() { return {storage_.get(), capacity}; }

  std::unique_ptr<octet[]> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tunnel::ssh::native
