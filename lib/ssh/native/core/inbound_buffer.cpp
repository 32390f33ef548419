#include "ssh/native/core/inbound_buffer.hpp"

#include <algorithm>

namespace tunnel::ssh::native {

octet_span inbound_buffer::room() {
  if (begin_ != 0) {
    // What is left is less than one packet.
    std::ranges::copy(unread(), storage_.get());
    end_ -= begin_;
    begin_ = 0;
  }
  return whole().subspan(end_);
}

}  // namespace tunnel::ssh::native
