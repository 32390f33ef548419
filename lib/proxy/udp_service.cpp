#include "proxy/udp_service.hpp"

namespace tunnel::proxy {

std::shared_ptr<udp::outlet> udp_service::outlet_of(unsigned connection,
                                                    const asio::any_io_executor& executor) {
  const std::lock_guard lock(mutex_);
  if (auto known = outlets_[connection].lock()) return known;
  std::erase_if(outlets_, [](const auto& each) { return each.second.expired(); });
  auto find = [this](std::shared_ptr<udp::access> by, std::optional<udp::way> first) {
    return udp::find_way(ways_, std::move(by), first);
  };
  auto made = udp::outlet::make(executor, std::move(find));
  outlets_[connection] = made;
  return made;
}

}  // namespace tunnel::proxy
