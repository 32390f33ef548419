#include "dns/exchange.hpp"

#include <functional>
#include <utility>

#include "aio/call_at.hpp"
#include "dns/errors.hpp"

namespace tunnel::dns {

awaitable<result<octets>> exchange_from_elsewhere(std::shared_ptr<exchanger> by, octets query) {
  auto home = by->get_executor();
  std::function<awaitable<result<octets>>()> work = [by = std::move(by), query = std::move(query)] {
    return by->exchange(query);
  };
  auto calling = aio::call_at<result<octets>>(std::move(home), std::move(work));
  auto outcome = co_await std::move(calling);
  if (!outcome) co_return error{errc::no_answer, "the query was given up"};
  co_return std::move(*outcome);
}

}  // namespace tunnel::dns
