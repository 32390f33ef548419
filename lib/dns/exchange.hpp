#pragma once

#include <memory>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"

namespace tunnel::dns {

/// Takes a DNS query (RFC 1035 section 4, without a length in front) to name servers and brings the answer.
///
/// Thread: that of get_executor(); exchange_from_elsewhere() is for the others.
class exchanger {
 public:
  exchanger() = default;
  exchanger(const exchanger&) = delete;
  exchanger& operator=(const exchanger&) = delete;
  virtual ~exchanger() = default;

  virtual asio::any_io_executor get_executor() = 0;

  /// The answer to `query`, with the query's identification, whatever its RCODE. It is the answer to that
  /// question: another one is not taken for it.
  ///
  /// Errors: errc::bad_query for what is no query with one question; errc::no_answer when none came in time,
  ///   after every try; errc::busy when too many wait; what kept the channel from being opened.
  /// Cancellation: gives it up.
  virtual awaitable<result<octets>> exchange(octets query) = 0;
};

/// exchanger::exchange() for a coroutine on any executor, where it completes. The coroutine may be cancelled,
/// or destroyed and its executor after it, while it waits.
awaitable<result<octets>> exchange_from_elsewhere(std::shared_ptr<exchanger> by, octets query);

}  // namespace tunnel::dns
