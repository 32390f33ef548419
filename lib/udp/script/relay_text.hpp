#pragma once

#include <string_view>

namespace tunnel::udp {

/// relay.py, as it stands in the source tree.
extern const std::string_view relay_text;

}  // namespace tunnel::udp
