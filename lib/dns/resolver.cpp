#include "dns/resolver.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "aio/rethrow.hpp"
#include "base/text.hpp"
#include "dns/errors.hpp"

namespace tunnel::dns {

namespace {

using found_addresses = result<std::vector<ip_address>>;

error no_such_name(const std::string& name) {
  return {errc::no_such_name, "there is no name " + sanitise(name)};
}

std::vector<ip_address> of_family(const ip_address& address, record_type family) {
  const bool is_six = std::holds_alternative<socks::ipv6>(address);
  if (is_six != (family == record_type::aaaa)) return {};
  return {address};
}

// What needs no look-up.
std::optional<std::vector<ip_address>> known(const std::string& name, record_type family) {
  if (const auto address = parse_ip_address(name)) return of_family(*address, family);
  const auto plain = canonical_name(name);
  if (plain != "localhost" && !plain.ends_with(".localhost")) return std::nullopt;
  socks::ipv6 six{};
  six.back() = 1;
  if (family == record_type::aaaa) return std::vector<ip_address>{six};
  return std::vector<ip_address>{socks::ipv4{127, 0, 0, 1}};
}

}  // namespace

/// A question under way, and those who wait for it.
struct resolver::lookup {
  lookup(question what, const asio::any_io_executor& executor)
      : asked(std::move(what)), ended(executor, asio::steady_timer::time_point::max()) {}

  question asked;
  asio::steady_timer ended;
  std::optional<result<answer>> outcome;
};

resolver::resolver(std::shared_ptr<exchanger> by, search_source search)
    : exchanger_(std::move(by)), search_(std::move(search)) {}

awaitable<found_addresses> resolver::addresses(std::string name, record_type family) {
  const auto self = shared_from_this();
  if (const auto at_once = known(name, family)) co_return *at_once;
  auto searching = search_();
  const auto rules = co_await std::move(searching);
  if (!rules) co_return rules.error();
  std::optional<error> failure;
  for (const auto& candidate : candidates(name, *rules)) {
    question asked{candidate, family};
    auto looking = look_up(std::move(asked));
    auto found = co_await std::move(looking);
    if (found && found->found != answer::finding::no_name) co_return std::move(found->addresses);
    if (found) continue;
    // Of one domain's servers, which says nothing about the others.
    const bool of_this_one =
        found.error().code == errc::server_failure || found.error().code == errc::bad_query;
    if (!of_this_one) co_return found.error();
    if (!failure) failure = found.error();
  }
  co_return failure.value_or(no_such_name(name));
}

awaitable<found_addresses> resolver::addresses(std::string name) {
  const auto self = shared_from_this();
  auto looking = addresses(name, record_type::a);
  auto found = co_await std::move(looking);
  // Some servers fail where they know addresses of the other family alone.
  const bool may_have_others = found ? found->empty() : found.error().code == errc::server_failure;
  if (!may_have_others) co_return found;
  auto once_more = addresses(std::move(name), record_type::aaaa);
  co_return co_await std::move(once_more);
}

awaitable<result<std::string>> resolver::name_of(ip_address address) {
  const auto self = shared_from_this();
  question asked{reverse_name(address), record_type::ptr};
  auto looking = look_up(std::move(asked));
  const auto found = co_await std::move(looking);
  if (!found) co_return found.error();
  if (found->names.empty()) {
    co_return error{errc::no_such_name, "the address " + to_string(address) + " has no name"};
  }
  co_return found->names.front();
}

awaitable<result<answer>> resolver::look_up(question asked) {
  asked.name = canonical_name(asked.name);
  if (const auto* kept = cache_.find(asked, std::chrono::steady_clock::now())) co_return *kept;
  std::shared_ptr<lookup> waits;
  if (const auto place = lookups_.find(asked); place != lookups_.end()) {
    waits = place->second;
  } else if (lookups_.size() >= max_lookups) {
    co_return error{errc::busy, "too many names are being looked up already"};
  } else {
    waits = std::make_shared<lookup>(asked, get_executor());
    lookups_.emplace(asked, waits);
    asio::co_spawn(get_executor(), ask(shared_from_this(), waits), aio::rethrow);
  }
  // It may have ended at once.
  if (!waits->outcome) co_await waits->ended.async_wait(as_tuple);
  if (!waits->outcome) co_return error{errc::no_answer, "the look-up was given up"};
  co_return *waits->outcome;
}

awaitable<void> resolver::ask(std::shared_ptr<resolver> self, std::shared_ptr<lookup> into) {
  auto query = make_query(into->asked);
  result<answer> outcome = answer{};
  if (query) {
    auto exchanging = self->exchanger_->exchange(std::move(*query));
    const auto message = co_await std::move(exchanging);
    outcome = message ? read_answer(*message, into->asked) : result<answer>(message.error());
  } else {
    outcome = query.error();
  }
  if (outcome) self->cache_.put(into->asked, *outcome, std::chrono::steady_clock::now());
  self->lookups_.erase(into->asked);
  into->outcome = std::move(outcome);
  into->ended.cancel();
}

}  // namespace tunnel::dns
