#pragma once

#include <cstddef>
#include <vector>

#include "base/octets.hpp"
#include "dns/message.hpp"

namespace tunnel::dns {

/// Finds the messages in a stream where each has its length in two octets in front (RFC 1035 section 4.2.2).
/// Holds no more than one message that is not complete.
class message_splitter {
 public:
  /// Takes the next octets, however they were cut, and appends what is complete to `messages`.
  void feed(octet_view data, std::vector<octets>& messages);

 private:
  octets partial_;
};

/// Appends a message with its length in front. It has at most max_message octets.
void append_framed(octets& out, octet_view message);

}  // namespace tunnel::dns
