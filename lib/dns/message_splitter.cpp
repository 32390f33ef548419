#include "dns/message_splitter.hpp"

#include <algorithm>
#include <stdexcept>

namespace tunnel::dns {

namespace {

constexpr std::size_t length_size = 2;

}  // namespace

void message_splitter::feed(octet_view data, std::vector<octets>& messages) {
  while (!data.empty()) {
    const bool has_length = partial_.size() >= length_size;
    const std::size_t wanted =
        length_size + (has_length ? static_cast<std::size_t>(partial_[0] << 8 | partial_[1]) : 0);
    const auto taken = data.first(std::min(wanted - partial_.size(), data.size()));
    partial_.insert(partial_.end(), taken.begin(), taken.end());
    data = data.subspan(taken.size());
    if (partial_.size() < length_size) return;
    const std::size_t whole = length_size + static_cast<std::size_t>(partial_[0] << 8 | partial_[1]);
    if (partial_.size() < whole) continue;
    messages.emplace_back(partial_.begin() + length_size, partial_.end());
    partial_.clear();
  }
}

void append_framed(octets& out, octet_view message) {
  if (message.size() > max_message) throw std::length_error("a DNS message has at most 65535 octets");
  out.push_back(static_cast<octet>(message.size() >> 8));
  out.push_back(static_cast<octet>(message.size() & 0xff));
  out.insert(out.end(), message.begin(), message.end());
}

}  // namespace tunnel::dns
