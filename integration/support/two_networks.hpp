#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/descriptor.hpp"
#include "support/process.hpp"

namespace tunnel::integration {

/// Two networks that nobody else is in (network namespaces), with a link between them that can go down. From
/// its construction on the calling thread is in the near one, at `near_address`, with all that it starts;
/// the system's own is not seen again. Others than root need a user namespace, in which they stay who they
/// are.
class two_networks {
 public:
  static constexpr const char* near_address = "10.97.0.1";

  /// Throws std::runtime_error where the system allows no such thing. Before there are other threads.
  two_networks();

  /// Runs `action` in the far network: sockets that it makes and programs that it starts stay there.
  void far_away(const std::function<void()>& action) const;

  /// The address of the far end.
  void move_to(const std::string& address) const;
  void link_down() const { ip_far({"link", "set", "far", "down"}); }
  void link_up() const { ip_far({"link", "set", "far", "up"}); }

 private:
  void ip_far(const std::vector<std::string>& words) const;

  // Keeps the far network.
  std::optional<process> keeper_;
  descriptor near_;
  descriptor far_;
};

}  // namespace tunnel::integration
