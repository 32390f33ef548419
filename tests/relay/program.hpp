#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "socks/address.hpp"
#include "udp/framing/decoder.hpp"

/// Relays as programs, spoken to as tunnel does.
namespace tunnel::relay::testing {

using std::chrono::milliseconds;

/// How long a test waits for anything before it fails: far longer than anything here takes.
inline constexpr milliseconds patience{50'000};

/// A frame that came, with storage of its own.
struct received {
  enum class kind { greeting, datagram, closed, notice };
  kind what{};
  std::uint32_t association = 0;
  socks::address from;
  octets payload;
  std::string text;
};

/// A stream of frames: two descriptors, or one twice, which are closed with it. Throws std::runtime_error
/// when something does not come in time.
class frame_stream {
 public:
  frame_stream(int input, int output) : input_(input), output_(output) {}
  frame_stream(const frame_stream&) = delete;
  frame_stream& operator=(const frame_stream&) = delete;
  ~frame_stream();

  void write(octet_view data) const;
  void greet() const { write(udp::framing::greeting_octets); }
  void send(std::uint32_t association, const socks::address& target, octet_view payload) const;
  void send_close(std::uint32_t association) const;
  /// No more input for the relay.
  void end_input();

  /// The next frame, the greeting among them.
  received next();
  /// The next frame of that kind, past others.
  received next(received::kind wanted);
  /// How many datagrams have come, without a look at them; waits for the first, and not long.
  std::size_t count_datagrams();
  /// Waits for the stream to end, and gives the error that the decoder ended with, if any.
  error end();

 private:
  /// False: the stream has ended.
  bool fill(std::chrono::steady_clock::time_point deadline);

  int input_;
  int output_;
  udp::framing::decoder decoder_{udp::framing::before_greeting::noise};
  octets chunk_;
};

/// A running program with pipes on its standard streams; killed by the destructor if it still runs.
class program {
 public:
  /// In the current folder, or in `folder`, which is its home too.
  explicit program(const std::vector<std::string>& arguments, const std::string& folder = {});
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program();

  frame_stream& stream() { return *stream_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;

  /// Its exit code, or 128 and the signal that ended it. Throws when it does not end in time.
  int wait();

  /// Standard error so far.
  std::string errors();
  /// Waits for a line there that has `text`, and gives it.
  std::string line_with(std::string_view text);

  /// A line of /proc/<pid>/status: "Uid", "VmRSS".
  [[nodiscard]] std::string status(std::string_view field) const;

 private:
  bool reap(int flags);

  pid_t pid_ = -1;
  std::optional<int> code_;
  std::optional<frame_stream> stream_;
  int errors_fd_ = -1;
  std::string errors_;
};

/// Which relay: the same tests run with each.
enum class kind { cplusplus, python };

/// How to start it on standard input and output; `idle` is the timeout of an association in seconds. What
/// Python's is to be fed first has to be written then.
std::vector<std::string> command_of(kind which,
                                    std::chrono::duration<double> idle = std::chrono::minutes(10));
void feed_program(kind which, const frame_stream& to);

/// Starts one, writes the greeting and reads the relay's.
class running_relay {
 public:
  explicit running_relay(kind which, std::chrono::duration<double> idle = std::chrono::minutes(10));
  explicit running_relay(const std::vector<std::string>& arguments);

  frame_stream* operator->() { return &program_.stream(); }
  program& process() { return program_; }

 private:
  program program_;
};

}  // namespace tunnel::relay::testing
