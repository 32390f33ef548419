#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "relay/resolver.hpp"

namespace tunnel::relay {

/// The names that one client sends datagrams to, as they were found, and the datagrams that wait for one.
///
/// What was found holds for a minute, so that a flow to a name goes on without look-ups; that nothing was
/// found, for five seconds. Bounded in names and in octets that wait. Thread: the executor's.
class names {
 public:
  /// Policy. Octets count a datagram's payload.
  static constexpr std::size_t max_names = 256;
  /// Names that one association has looked up at a time: one that asks for what nobody answers leaves
  /// look-ups to the others.
  static constexpr std::size_t max_lookups_each = 8;
  static constexpr std::size_t max_waiting_octets = std::size_t{1024} * 1024;
  static constexpr std::size_t max_waiting_datagrams = 1024;
  static constexpr auto life = std::chrono::seconds(60);
  static constexpr auto failure_life = std::chrono::seconds(5);

  struct waiting_datagram {
    std::uint32_t association = 0;
    std::uint16_t port = 0;
    octets payload;
  };

  /// Called once for each datagram that waited, in their order.
  using ready_handler = std::function<void(std::string_view name, const resolved&, const waiting_datagram&)>;

  names(resolver& by, ready_handler ready);
  names(const names&) = delete;
  names& operator=(const names&) = delete;

  /// Before the resolver goes: nothing is called from then on.
  void close();

  /// What the name is known to stand for; otherwise nothing. Valid until the next call.
  [[nodiscard]] const resolved* find(std::string_view name);

  enum class outcome { waits, dropped, too_many };

  /// Looks the name up, and has the datagram wait for that.
  outcome wait_for(std::string_view name, std::uint32_t association, std::uint16_t port, octet_view payload);

 private:
  using clock = std::chrono::steady_clock;

  struct entry {
    resolved answer;
    clock::time_point until;
  };

  [[nodiscard]] std::size_t lookups_of(std::uint32_t association) const;
  void on_answer(const std::string& name, resolved answer);

  resolver& resolver_;
  ready_handler ready_;
  std::map<std::string, entry, std::less<>> known_;
  std::map<std::string, std::vector<waiting_datagram>, std::less<>> waiting_;
  std::size_t waiting_octets_ = 0;
  std::size_t waiting_datagrams_ = 0;
  /// What handlers that come too late find gone.
  std::shared_ptr<names*> self_;
};

}  // namespace tunnel::relay
