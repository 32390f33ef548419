#pragma once

#include <optional>
#include <string>

#include "ssh/command.hpp"

namespace tunnel::udp {

/// Keeps what a relay that runs as a command says beside its stream: its errors go to the log, line by line,
/// and the last one and its exit status into the sentence about its end.
///
/// Thread: the connection's.
class command_watch final : public ssh::command_observer {
 public:
  /// "ended with status 127: sh: 1: tunnel-relay: not found". Sanitised.
  [[nodiscard]] std::string ending() const;

  void on_standard_error(octet_view data) override;
  void on_exit(const ssh::command_exit& how) override;

 private:
  void end_line();

  std::string line_;
  std::string last_line_;
  std::optional<ssh::command_exit> exit_;
};

}  // namespace tunnel::udp
