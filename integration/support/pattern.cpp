#include "support/pattern.hpp"

namespace tunnel::integration {

// xorshift64: fast enough for the bulk tests in an unoptimised build, eight octets a step.
char pattern::next_octet() {
  if (left_in_word_ == 0) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    word_ = state_;
    left_in_word_ = 8;
  }
  --left_in_word_;
  const auto octet = static_cast<char>(word_ & 0xffU);
  word_ >>= 8U;
  return octet;
}

std::string pattern::next(std::size_t count) {
  std::string data(count, '\0');
  for (auto& octet : data) octet = next_octet();
  return data;
}

}  // namespace tunnel::integration
