#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "dns/cache.hpp"
#include "dns/exchange.hpp"
#include "dns/message.hpp"
#include "dns/resolv_conf.hpp"

namespace tunnel::dns {

/// Finds addresses of names and names of addresses, with a cache in front of an exchanger. Look-ups for the
/// same at the same time become one.
///
/// Thread: that of the exchanger, for every member.
class resolver : public std::enable_shared_from_this<resolver> {
 public:
  /// Answers that are kept: at most max_records of 16 octets, or of a name's 255, each.
  static constexpr std::size_t cache_size = 4096;
  /// Look-ups at once.
  static constexpr std::size_t max_lookups = 1024;

  /// How short names become long ones, as it is known when one is looked up.
  using search_source = std::function<awaitable<result<resolv_conf>>()>;

  resolver(std::shared_ptr<exchanger> by, search_source search);

  asio::any_io_executor get_executor() { return exchanger_->get_executor(); }

  /// The addresses of one family (record_type::a or aaaa) that a name has; empty when it has none of that
  /// family, but exists. A text that spells an address is that address, and "localhost" and what ends in
  /// ".localhost" the server's own (RFC 6761 section 6.3).
  ///
  /// Errors: errc::no_such_name, and those of exchanger::exchange() and read_answer().
  /// Cancellation: gives it up; the look-up itself goes on for the cache.
  awaitable<result<std::vector<ip_address>>> addresses(std::string name, record_type family);

  /// The addresses that a name has: IPv4 ones, or if there are none IPv6 ones. Errors, cancellation: as
  /// above.
  awaitable<result<std::vector<ip_address>>> addresses(std::string name);

  /// The host's name, by its PTR record. Errors: as addresses(); errc::no_such_name without one.
  awaitable<result<std::string>> name_of(ip_address address);

 private:
  struct lookup;

  awaitable<result<answer>> look_up(question asked);
  static awaitable<void> ask(std::shared_ptr<resolver> self, std::shared_ptr<lookup> into);

  std::shared_ptr<exchanger> exchanger_;
  search_source search_;
  cache cache_{cache_size};
  std::map<question, std::shared_ptr<lookup>> lookups_;
};

}  // namespace tunnel::dns
