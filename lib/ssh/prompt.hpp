#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"

namespace tunnel::ssh {

/// Whether what is typed may be seen.
enum class echo { off, on };

/// Asks the person who started the program. Calls block the calling thread until there is an answer, so
/// they are made only where that holds up nothing else: on the thread of a connection that is not yet
/// authenticated. Safe to call from several threads; questions are asked one at a time.
class prompter {
 public:
  prompter() = default;
  prompter(const prompter&) = delete;
  prompter& operator=(const prompter&) = delete;
  virtual ~prompter() = default;

  /// Asks for one line. `prompt` is shown as it is: a peer's words in it must have been sanitised and
  /// marked as the peer's. Nothing when there is nobody to ask, or when the user declined (end of input,
  /// askpass failed).
  virtual std::optional<secret> ask(const std::string& prompt, echo shown) = 0;

  /// Says something that needs no answer, such as the server's banner or an instruction.
  virtual void tell(const std::string& text) = 0;
};

}  // namespace tunnel::ssh
