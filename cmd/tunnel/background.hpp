#pragma once

#include <vector>

namespace tunnel {

/// ssh's -f: the program goes to the background once it is of use.
///
/// The process splits at once, before there are threads, and the child does all the work, with the terminal
/// for its questions. The one that was started waits for it: until it is ready, and then ends with 0, or
/// until it ends, and then ends as it did, with its exit code or by the signal. Until then they are one job
/// to the shell: the one that waits stops after the child has, which first leaves the terminal as it was, and
/// goes on with it.
class background {
 public:
  /// In the child it returns. Throws std::system_error when there is no second process to be had.
  background();
  background(const background&) = delete;
  background& operator=(const background&) = delete;

  /// Lets the one that waits go, and leaves the terminal: a session of its own, no standard input or output,
  /// no standard error unless `keep_errors`, and nothing that whoever started the program had open.
  void ready(bool keep_errors);

 private:
  std::vector<int> callers_;
  int told_ = -1;
};

}  // namespace tunnel
