#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/command.hpp"
#include "ssh/errors.hpp"
#include "ssh/pending_answer.hpp"

namespace tunnel::ssh::native {

/// What a channel that runs a command has beside its stream.
class command {
 public:
  using start = pending_answer<result<void>>;

  command(command_observer& told, std::shared_ptr<start> starting)
      : observer_(told), starting_(std::move(starting)) {}

  /// Whether the command runs; nothing if that is known already.
  void answer(result<void> outcome) {
    if (const auto asked = std::exchange(starting_, nullptr)) asked->settle(std::move(outcome));
  }

  void refuse() {
    answer(error{make_error_code(ssh::errc::request_refused), "the server refused to run the command"});
  }

  /// The observer may destroy the channel, and this with it.
  void hear_error(octet_view data) { observer_.on_standard_error(data); }

  void set_exit(command_exit how) { exit_ = std::move(how); }
  /// As hear_error().
  void tell_exit() {
    if (const auto how = std::exchange(exit_, std::nullopt)) observer_.on_exit(*how);
  }

 private:
  command_observer& observer_;
  std::shared_ptr<start> starting_;
  std::optional<command_exit> exit_;
};

}  // namespace tunnel::ssh::native
