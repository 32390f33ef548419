#pragma once

#include <string_view>

namespace tunnel::fuzz {

/// What the signatures among the seeds are of.
inline constexpr std::string_view signed_text = "what was signed";

}  // namespace tunnel::fuzz
