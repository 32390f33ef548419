#include "ssh/native/core/inbound_buffer.hpp"

#include <algorithm>

namespace tunnel::ssh::native {

octet_span inbound_buffer::room() {
  if (begin_ != 0) {
    // What is left is less than one packet.
    std::copy(storage_.begin() + static_cast<std::ptrdiff_t>(begin_),
              storage_.begin() + static_cast<std::ptrdiff_t>(end_), storage_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  return octet_span(storage_).subspan(end_);
}

}  // namespace tunnel::ssh::native
