#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "dns/message.hpp"

namespace tunnel::proxy {

/// In which order and when to try a name's addresses (RFC 8305): IPv6 first and the families in turn, each
/// attempt 250 ms behind the last or as soon as one has failed. No I/O, no clock of its own.
class address_race {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class family { ipv6, ipv4 };

  /// With IPv4 addresses there, those of IPv6 are waited for this long (RFC 8305 section 3).
  static constexpr auto resolution_delay = std::chrono::milliseconds(50);
  /// Between attempts (RFC 8305 section 5).
  static constexpr auto attempt_delay = std::chrono::milliseconds(250);
  /// Attempts in all: names with more addresses than this have them for sharing out load.
  static constexpr std::size_t max_attempts = 8;

  /// The look-up of one family has ended, with these addresses or none.
  void add(family which, const std::vector<dns::ip_address>& addresses, time_point now);

  /// The address to try now, if there is one: an attempt is then under way.
  std::optional<dns::ip_address> next(time_point now);

  /// An attempt has failed: the next one need not wait.
  void on_failed();

  /// When next() may have one without anything else happening.
  [[nodiscard]] std::optional<time_point> next_time() const;

  /// Nothing is under way, nor will be.
  [[nodiscard]] bool is_over() const;

 private:
  struct side {
    std::deque<dns::ip_address> left;
    bool answered = false;
  };

  side& side_of(family which) { return which == family::ipv6 ? six_ : four_; }
  [[nodiscard]] bool has_left() const { return !six_.left.empty() || !four_.left.empty(); }

  side six_;
  side four_;
  family turn_ = family::ipv6;
  std::size_t attempts_ = 0;
  std::size_t under_way_ = 0;
  // Before it no attempt begins.
  time_point earliest_{};
};

}  // namespace tunnel::proxy
