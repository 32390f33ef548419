#include "dns/upstream.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "aio/rethrow.hpp"
#include "base/log.hpp"
#include "dns/errors.hpp"
#include "dns/remote_file.hpp"
#include "ssh/errors.hpp"

namespace tunnel::dns {

namespace {

constexpr std::uint16_t dns_port = 53;
constexpr auto resolv_conf_path = "/etc/resolv.conf";
// A file longer than this is none that anybody reads.
constexpr std::size_t max_file = 64 * 1024;

// Another server may know better (as glibc has it).
bool is_unhelpful(octet_view answer) {
  const auto code = static_cast<response_code>(rcode(answer));
  return code == response_code::server_failure || code == response_code::refused ||
         code == response_code::not_implemented;
}

std::string list_of(const std::vector<ssh::endpoint>& servers) {
  std::string text;
  for (const auto& each : servers) text += (text.empty() ? "" : ", ") + each.text();
  return text;
}

}  // namespace

id_source random_ids() {
  return [source = std::make_shared<std::random_device>()] {
    return static_cast<std::uint16_t>((*source)() & 0xffff);
  };
}

/// The file on its way, and those who wait for it.
struct upstream::reading {
  explicit reading(const asio::any_io_executor& home) : ended(home, asio::steady_timer::time_point::max()) {}

  asio::steady_timer ended;
  std::optional<result<void>> outcome;
};

upstream::upstream(asio::any_io_executor home, pool::pool& connections, std::vector<ssh::endpoint> servers,
                   id_source ids)
    : home_(std::move(home)), connections_(connections), ids_(std::move(ids)), automatic_(servers.empty()) {
  use(servers);
}

void upstream::use(const std::vector<ssh::endpoint>& servers) {
  for (const auto& each : servers_) each->close();
  servers_.clear();
  for (const auto& each : servers) {
    servers_.push_back(std::make_shared<name_server>(home_, connections_, each, ids_));
  }
  first_ = 0;
}

awaitable<result<octets>> upstream::exchange(octets query) {
  const auto self = shared_from_this();
  auto preparing = prepare();
  const auto prepared = co_await std::move(preparing);
  if (!prepared) co_return prepared.error();
  // They may be replaced meanwhile.
  const auto servers = servers_;
  const auto first = first_;
  result<octets> last = error{errc::no_server, "there is no name server to ask"};
  const auto tries = std::max(servers.size(), min_tries);
  for (std::size_t i = 0; i < tries && !ending_; ++i) {
    const auto place = (first + i) % servers.size();
    auto trying = servers[place]->exchange(query);
    auto answered = co_await std::move(trying);
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) co_return answered;
    const bool helpful = answered && !is_unhelpful(*answered);
    if (helpful) {
      all_failed_ = false;
      if (servers == servers_) first_ = place;
      co_return answered;
    }
    const bool hopeless =
        !answered && (answered.error().code == errc::bad_query || answered.error().code == errc::busy);
    // What a server says, if only that it failed, tells more than another's silence.
    if (answered || !last) last = std::move(answered);
    if (hopeless) co_return last;
    // The same server says the same again.
    if (last && servers.size() == 1) co_return last;
  }
  if (!last) all_failed_ = true;
  co_return last;
}

awaitable<result<resolv_conf>> upstream::search_rules() {
  const auto self = shared_from_this();
  auto preparing = prepare();
  const auto prepared = co_await std::move(preparing);
  if (!prepared) co_return prepared.error();
  co_return rules_;
}

bool upstream::is_stale() const {
  if (!automatic_) return false;
  if (!read_at_ || failure_) return true;
  return (servers_.empty() || all_failed_) && clock::now() - *read_at_ >= read_again;
}

awaitable<result<void>> upstream::prepare() {
  if (ending_) co_return error{errc::no_server, "the tunnel is ending"};
  if (!is_stale()) co_return boost::system::in_place_value;
  // One that cannot be read now cannot be read for each name either.
  if (failure_ && clock::now() - *read_at_ < read_again) co_return *failure_;
  auto waits = reading_;
  if (!waits) {
    waits = std::make_shared<reading>(home_);
    reading_ = waits;
    asio::co_spawn(home_, read(shared_from_this(), waits), aio::rethrow);
  }
  // It may have ended at once.
  if (!waits->outcome) co_await waits->ended.async_wait(as_tuple);
  if (!waits->outcome) co_return error{errc::no_answer, "the look-up was given up"};
  co_return *waits->outcome;
}

awaitable<void> upstream::read(std::shared_ptr<upstream> self, std::shared_ptr<reading> into) {
  auto reading_file = read_remote_file(self->connections_, resolv_conf_path, max_file, read_limit);
  auto text = co_await std::move(reading_file);
  self->reading_.reset();
  if (text) {
    self->read_at_ = clock::now();
    self->failure_.reset();
    self->use_file(*text);
    into->outcome = result<void>(boost::system::in_place_value);
  } else if (text.error().code == ssh::errc::connection_lost) {
    into->outcome = result<void>(text.error());
  } else {
    self->read_at_ = clock::now();
    self->failure_ = error{errc::no_server, std::string("the SSH server's ") + resolv_conf_path +
                                                " cannot be read: " + text.error().message +
                                                "; name a name server with --dns ADDRESS"};
    log::warn("{}", self->failure_->message);
    into->outcome = result<void>(*self->failure_);
  }
  into->ended.cancel();
}

void upstream::use_file(std::string_view text) {
  rules_ = parse_resolv_conf(text);
  std::vector<ssh::endpoint> servers;
  servers.reserve(rules_.servers.size());
  for (const auto& each : rules_.servers) servers.push_back({each, dns_port});
  log::info("names are looked up as the SSH server's {} says: by {}", resolv_conf_path, list_of(servers));
  use(servers);
  all_failed_ = false;
}

void upstream::close() {
  ending_ = true;
  for (const auto& each : servers_) each->close();
}

}  // namespace tunnel::dns
