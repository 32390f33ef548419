#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "datagram_path.hpp"

namespace tunnel::bench {

/// Datagrams with numbers, and their echoes, each checked octet by octet. Throws run_failure for an echo
/// that is wrong or comes twice.
class echo_train {
 public:
  /// An echo that has not come for so long does not count as under way; it counts all the same if it comes.
  static constexpr auto patience = std::chrono::seconds(1);
  /// When nothing has come for so long, nothing more will.
  static constexpr auto silence = std::chrono::seconds(3);

  /// `size`: octets of each datagram, 8 to datagram_path::max_size.
  echo_train(const test_bed& bed, std::size_t size);

  void send();
  /// Takes the echoes that have come, and waits for one or that time if there are none.
  void receive(clock::time_point until);
  /// Takes echoes until all have come or there is silence.
  void settle();

  [[nodiscard]] std::size_t under_way() const { return under_way_; }
  [[nodiscard]] std::size_t echoed() const { return round_trips_.size(); }
  [[nodiscard]] const std::vector<clock::duration>& round_trips() const { return round_trips_; }
  /// The share of the datagrams that have not come back, in percent. Once settled.
  [[nodiscard]] metric loss() const;

 private:
  enum class fate { under_way, given_up, echoed };
  struct sent {
    clock::time_point at;
    fate now = fate::under_way;
  };

  void on_echo(octet_view data, clock::time_point now);
  void give_up(clock::time_point before);

  datagram_path path_;
  clock::time_point deadline_;
  octets data_;
  std::vector<sent> sent_;
  // None before it is under way.
  std::size_t oldest_ = 0;
  std::size_t under_way_ = 0;
  std::vector<clock::duration> round_trips_;
};

}  // namespace tunnel::bench
