#include "udp/client/dns_link.hpp"

#include <utility>

#include "aio/rethrow.hpp"
#include "base/log.hpp"

namespace tunnel::udp {

namespace {

// RFC 1035 section 4.1.1: what every message begins with.
constexpr std::size_t dns_head = 12;

}  // namespace

/// What queries know of their association, which may be over before they are.
struct dns_link::state {
  // Null once it is.
  association_handler* told = nullptr;
  std::size_t queries = 0;
  drop_counts dropped;
};

class dns_link::member final : public association {
 public:
  member(std::shared_ptr<dns_link> through, association_handler& told)
      : through_(std::move(through)), state_(std::make_shared<state>()) {
    state_->told = &told;
    ++through_->members_;
  }
  ~member() override {
    state_->told = nullptr;
    --through_->members_;
    through_->idle_since_ = std::chrono::steady_clock::now();
  }

  void send(const socks::address& target, octet_view data) override {
    if (target.port != dns_port || data.size() < dns_head) {
      ++state_->dropped.no_way;
      return through_->complain(target);
    }
    if (state_->queries == max_queries) {
      ++state_->dropped.no_room;
      return;
    }
    ++state_->queries;
    octets query(data.begin(), data.end());
    asio::co_spawn(through_->executor_, ask(through_, state_, target, std::move(query)), aio::rethrow);
  }

  [[nodiscard]] const drop_counts& dropped() const override { return state_->dropped; }

 private:
  std::shared_ptr<dns_link> through_;
  std::shared_ptr<state> state_;
};

awaitable<result<std::unique_ptr<association>>> dns_link::open(std::shared_ptr<access>,
                                                               association_handler& told) {
  co_return std::unique_ptr<association>(std::make_unique<member>(shared_from_this(), told));
}

std::optional<std::chrono::steady_clock::time_point> dns_link::idle_since() const {
  if (members_ != 0) return std::nullopt;
  return idle_since_;
}

awaitable<void> dns_link::ask(std::shared_ptr<dns_link> through, std::shared_ptr<state> own,
                              socks::address server, octets query) {
  auto asking = through->exchange_(server, std::move(query));
  const auto answer = co_await std::move(asking);
  --own->queries;
  // To one that gets no answer the datagram was lost, as datagrams are.
  if (!answer) {
    ++own->dropped.unanswered;
    log::debug("DNS at {}: {}", server.to_string(), answer.error().message);
    co_return;
  }
  if (own->told != nullptr) own->told->on_datagram(server, *answer);
}

void dns_link::complain(const socks::address& target) {
  if (std::exchange(complained_, true)) return;
  log::warn("UDP to {} is dropped: without a relay on the server there is only DNS, on port {}",
            target.to_string(), dns_port);
}

}  // namespace tunnel::udp
