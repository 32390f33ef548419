#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tunnel::config {

/// A TCP port as ssh takes it: a number from 0 to 65535, or the name of a service as services(5) has it.
/// Nothing: it is neither.
std::optional<std::uint16_t> parse_service_port(std::string_view text);

/// The same for a port to connect to, which 0 is not.
std::optional<std::uint16_t> parse_server_port(std::string_view text);

}  // namespace tunnel::config
