#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The small values that configuration is made of. Each function returns nothing for what is no such value;
/// the caller knows the place and words the sentence.
namespace tunnel::config {

/// US-ASCII letters only, whatever the locale.
std::string lower_case(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);
/// Whether ProxyCommand says that there is to be none: by "none", or by "-".
bool is_no_command(std::string_view command);

/// Text within one line of a message: what could disturb a terminal escaped, in double quotes.
std::string in_quotes(std::string_view text);

/// Decimal digits only, at most `limit`.
std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t limit);

/// 0 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

/// yes, true, no, false.
std::optional<bool> parse_flag(std::string_view text);

/// sshd_config(5), TIME FORMATS: a number with s, m, h, d, w or nothing behind it, any number of times;
/// at most 2^31 - 1 seconds.
std::optional<std::chrono::seconds> parse_time(std::string_view text);

/// A number of octets as in RekeyLimit: digits, perhaps with a fraction, and B, K, M, G or T behind them in
/// either case (powers of 1024); less than 2^63.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The member of `names` with the fewest changes of single letters from `text`, case aside, if they are so
/// few that it was probably meant: at most a third of its length, rounded up.
std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> names);

}  // namespace tunnel::config
