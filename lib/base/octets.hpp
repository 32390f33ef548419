#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The units that travel on the wire. The RFCs say "octet"; so does this project.
namespace tunnel {

using octet = std::uint8_t;
using octets = std::vector<octet>;
using octet_view = std::span<const octet>;
using octet_span = std::span<octet>;

/// The octets of a text, unchanged. The view lives as long as the text.
inline octet_view as_octets(std::string_view text) {
  return {reinterpret_cast<const octet*>(text.data()), text.size()};
}

/// The text that the octets spell, unchanged and unchecked. The view lives as long as the octets.
inline std::string_view as_text(octet_view data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace tunnel
