#pragma once

#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>

#include "base/octets.hpp"
#include "socks/handshake.hpp"

namespace tunnel::socks {

/// Everything that a handshake did with an input: what it sent in total, how it stands at the end of the
/// input, and the early data.
struct transcript {
  octets sent;
  event last;
  octets early_data;

  friend bool operator==(const transcript&, const transcript&) = default;
};

inline void drain(server_handshake& handshake, transcript& so_far) {
  so_far.last = handshake.next();
  while (auto* out = std::get_if<outgoing>(&so_far.last)) {
    so_far.sent.insert(so_far.sent.end(), out->data.begin(), out->data.end());
    so_far.last = handshake.next();
  }
}

/// Feeds the chunks one after another, handling every event between them.
inline transcript run_chunks(std::initializer_list<octet_view> chunks) {
  server_handshake handshake;
  transcript out;
  for (octet_view chunk : chunks) {
    handshake.feed(chunk);
    drain(handshake, out);
  }
  out.early_data = handshake.take_early_data();
  return out;
}

inline transcript run(octet_view input) {
  return run_chunks({input});
}

inline transcript run_octet_by_octet(octet_view input) {
  server_handshake handshake;
  transcript out;
  for (const octet& one : input) {
    handshake.feed({&one, 1});
    drain(handshake, out);
  }
  out.early_data = handshake.take_early_data();
  return out;
}

/// Octets and texts in a row.
inline octets operator+(octets left, const octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline octets operator+(octets left, std::string_view right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// What a SOCKS5 client without authentication sends first, and what it gets.
inline const octets greeting{0x05, 0x01, 0x00};
inline const octets selection{0x05, 0x00};

}  // namespace tunnel::socks
