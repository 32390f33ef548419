#pragma once

namespace tunnel {

/// ssh's -f: the program goes to the background once it is of use.
///
/// The process splits at once, before there are threads, and the child does all the work, with the terminal
/// for its questions. The one that was started waits for it: until it is ready, and then ends with 0, or
/// until it ends, and then ends as it did.
class background {
 public:
  /// In the child it returns. Throws std::system_error when there is no second process to be had.
  background();
  background(const background&) = delete;
  background& operator=(const background&) = delete;

  /// Lets the one that waits go, and leaves the terminal: a session of its own, no standard input or output,
  /// and no standard error unless `keep_errors`.
  void ready(bool keep_errors);

 private:
  int told_ = -1;
};

}  // namespace tunnel
