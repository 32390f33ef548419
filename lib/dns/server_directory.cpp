#include "dns/server_directory.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "aio/call_at.hpp"
#include "dns/errors.hpp"

namespace tunnel::dns {

server_directory::server_directory(asio::any_io_executor home, pool::pool& connections, id_source ids)
    : home_(std::move(home)), connections_(connections), ids_(std::move(ids)) {}

awaitable<result<octets>> server_directory::exchange(ssh::endpoint server, octets query) {
  std::function<awaitable<result<octets>>()> work = [self = shared_from_this(), server = std::move(server),
                                                     query = std::move(query)] {
    return self->ask(server, query);
  };
  auto calling = aio::call_at<result<octets>>(home_, std::move(work));
  auto outcome = co_await std::move(calling);
  if (!outcome) co_return error{errc::no_answer, "the query was given up"};
  co_return std::move(*outcome);
}

awaitable<result<octets>> server_directory::ask(ssh::endpoint server, octets query) {
  if (closed_) co_return error{errc::no_server, "the tunnel is ending"};
  const auto way = find(server);
  auto asking = way->exchange(std::move(query));
  co_return co_await std::move(asking);
}

std::shared_ptr<upstream> server_directory::find(const ssh::endpoint& server) {
  const auto known = std::ranges::find_if(entries_, [&](const entry& each) {
    return each.server.host == server.host && each.server.port == server.port;
  });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
    return entries_.front().way;
  }
  entries_.push_front({server, std::make_shared<upstream>(home_, connections_, std::vector{server}, ids_)});
  make_room();
  return entries_.front().way;
}

// Of one that is being asked there are other owners.
void server_directory::make_room() {
  for (auto each = entries_.end(); entries_.size() > max_servers && each != std::next(entries_.begin());) {
    if ((--each)->way.use_count() != 1) continue;
    each->way->close();
    each = entries_.erase(each);
  }
}

void server_directory::close() {
  closed_ = true;
  for (const auto& each : entries_) each.way->close();
}

}  // namespace tunnel::dns
